// The jobs of the Pollux artifact's workloads as its simulator runs them under each of its policies.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "traces/profiled_jobs.hpp"
#include "workloads/job_spec.hpp"

namespace plimsoll {

/// The cluster that the artifact simulates.
inline constexpr std::int32_t kPolluxNodes = 16;
inline constexpr std::int32_t kPolluxGpusPerNode = 4;

/// The artifact's names of its policies.
bool is_pollux_policy(const std::string& policy);

/// The jobs of a workload under one of these policies. Throws ConfigError, with `file`, for a job of an application
/// that was not profiled.
std::vector<JobSpec> pollux_jobs(const std::string& policy, std::span<const TrainingJobRow> rows,
                                 const Applications& applications,
                                 const std::filesystem::path& file);

}  // namespace plimsoll
