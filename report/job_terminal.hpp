// The block of a run's jobs in the terminal's summary.
#pragma once

#include <string>

#include "results/summary.hpp"

namespace plimsoll::report {

/// Of a run with jobs. Starts with an empty line, as the blocks of pools do.
std::string job_block(const JobTables& jobs, const SummarySection& section);

}  // namespace plimsoll::report
