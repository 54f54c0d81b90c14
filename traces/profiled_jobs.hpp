// The jobs of a workload of the Pollux artifact, or of Sia, from the profiles of their applications.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "traces/job_trace_formats.hpp"
#include "traces/pollux_profiles.hpp"
#include "workloads/job_spec.hpp"

namespace plimsoll {

using Applications = std::map<std::string, std::shared_ptr<const ProfiledApplication>>;

/// The artifact's applications, one folder each in `folder`. Throws ConfigError for a folder that is none, and as
/// read_application_profile.
Applications read_applications(const std::filesystem::path& folder);

/// What of a job its scheduler may choose.
enum class JobFreedom : std::uint8_t {
  none,           ///< the batch and the number of GPUs that its user asked for
  gpus,           ///< the number of GPUs, at its user's batch
  gpus_and_batch  ///< both; the batch follows the GPUs and the gradients' noise
};

struct ProfiledJobSettings {
  JobFreedom freedom = JobFreedom::none;
  std::int32_t gpus_per_node = 4;    ///< of the nodes that step times are reported for
  std::int32_t most_gpus = 1 << 20;  ///< of an elastic job
  GpuKinds allowed = kAnyGpuKind;
};

/// Gangs of single GPUs wherever they are; each start costs 30 s, as in the artifact's simulator. Throws ConfigError,
/// with `file`, for a job of an application that was not profiled.
std::vector<JobSpec> profiled_jobs(const ProfiledJobSettings& settings,
                                   std::span<const TrainingJobRow> rows,
                                   const Applications& applications,
                                   const std::filesystem::path& file);

/// The jobs of a file on such a cluster; `context.profiles` is the folder of applications.
std::vector<JobSpec> read_profiled_jobs(JobFreedom freedom, const std::string& path,
                                        const JobTraceContext& context);

}  // namespace plimsoll
