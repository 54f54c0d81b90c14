// Traces of batch jobs: when they came, how many GPUs they held, and for how long. CSV files, plain or zstd.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/job_spec.hpp"

namespace plimsoll {

/// A job as a trace records it.
struct RecordedJob {
  std::string name;
  std::string queue;  ///< virtual cluster; empty where the format has none
  std::string user;
  std::int32_t gpus = 1;
  SimTime submitted_at{};
  Duration running_time{};
  std::int32_t priority = 0;
  std::int32_t gpu_milli = kWholeGpu;  ///< of each GPU; below kWholeGpu only where gpus == 1
  std::int64_t cpu_milli = 0;          ///< of the whole job, as is
  Bytes memory{};                      ///< this

  friend bool operator==(const RecordedJob&, const RecordedJob&) = default;
};

/// The readers keep the order of rows and leave other columns alone. They throw ConfigError: columns that are missing,
/// and up to ten rows that cannot be (a negative duration, no GPU, a time that is none), with file, line and column.

/// S-Lab's Helios simulator: job_id, vc, gpu_num, submit_time, duration; seconds.
std::vector<RecordedJob> read_helios_jobs(const std::string& path);
/// SymbioticLab's Tiresias simulator: job_id, num_gpu, submit_time, duration; seconds.
std::vector<RecordedJob> read_tiresias_jobs(const std::string& path);
/// Microsoft's Philly trace as Pollux's authors keep it: timestamp, duration (s), num_gpus, cluster. The earliest time
/// stamp is time 0; jobs are named by row.
std::vector<RecordedJob> read_philly_jobs(const std::string& path);
/// Alibaba's PAI trace as its thousand-job sample is published: arrival_time, length, cpus; seconds, and the number
/// of workers, each of which holds one GPU. Jobs are named by row.
std::vector<RecordedJob> read_pai_jobs(const std::string& path);

enum class GangLayout : std::uint8_t {
  consolidated,  ///< whole nodes, and the rest on one
  scattered,     ///< each GPU anywhere
};

/// The workers of a job. CPU and memory are shared out by their GPUs, rounded up; a job without GPUs is one worker.
std::vector<SubGang> gang_of(const RecordedJob& job, std::int32_t gpus_per_node, GangLayout layout,
                             GpuKinds allowed);

/// Jobs that run as long as was recorded, wherever they are placed. The recorded time is also their user's estimate.
std::vector<JobSpec> job_specs(const std::vector<RecordedJob>& jobs, std::int32_t gpus_per_node,
                               GangLayout layout = GangLayout::consolidated,
                               GpuKinds allowed = kAnyGpuKind);

}  // namespace plimsoll
