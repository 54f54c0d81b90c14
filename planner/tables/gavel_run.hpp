// One run of Gavel's evaluation: drawn jobs on a cluster of single GPUs under a policy.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "workloads/job_spec.hpp"

namespace plimsoll {

struct GavelRun {
  std::vector<std::string> kinds;  ///< of GPUs, as jobs number them
  std::int32_t gpus_of_kind = 36;
  const char* policy = "";    ///< of ours
  const char* settings = "";  ///< of it, as YAML
};

/// Mean JCT in hours of jobs [first, last). The run ends with them: an overloaded cluster never empties.
double mean_jct_hours(const GavelRun& run, std::vector<JobSpec> jobs, std::size_t first,
                      std::size_t last);

/// Hours until all jobs, which come at once, have finished.
double makespan_hours(const GavelRun& run, std::vector<JobSpec> jobs);

}  // namespace plimsoll
