// The jobs' part of a summary.
#pragma once

#include "results/summary.hpp"

namespace plimsoll {

/// Of a run with jobs. results/summary.hpp says what the numbers are.
SummarySection job_section(const RunFacts& facts);

}  // namespace plimsoll
