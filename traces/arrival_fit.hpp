// When the jobs of a trace came, as a law: see JobArrivals and fit_jobs.
#pragma once

#include <vector>

#include "traces/job_law.hpp"

namespace plimsoll {

/// `submitted_s`: seconds since the trace's time 0, ascending, not empty.
JobArrivals fit_arrivals(const std::vector<double>& submitted_s);

}  // namespace plimsoll
