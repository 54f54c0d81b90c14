// What a run of jobs comes to: completion times, queueing, use of the GPUs, and what of them was free but useless.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "policies/node_table.hpp"
#include "sim/jobs/job_facts.hpp"

namespace plimsoll {

/// Of a time over jobs, in seconds; all 0 over no jobs. Quantiles as numpy's default.
struct JobTimes {
  double mean_s = 0;
  double p50_s = 0;
  double p90_s = 0;
  double p99_s = 0;
};

/// Free GPUs from this instant to the next, and those of them that no further gang of the stated size could use.
struct FragmentationSample {
  SimTime at{};
  std::int32_t free_gpus = 0;
  std::int32_t fragmented_gpus = 0;
};

struct JobSummary {
  std::uint64_t finished = 0;
  std::uint64_t running = 0;
  std::uint64_t pending = 0;
  std::uint64_t rejected = 0;
  std::uint64_t preemptions = 0;
  JobTimes jct;         ///< submit to finish, of finished jobs
  JobTimes waiting;     ///< pending time in all, of finished jobs
  Duration makespan{};  ///< first submit to last finish
  double utilization =
      0;  ///< allocated GPU time over GPUs x time, from the first submit to the last change
  double fragmentation = 0;  ///< GPUs that were free and fragmented, mean over the same time
  double setup_share = 0;    ///< of allocated GPU time: (re)starts
  double lost_share = 0;     ///< of allocated GPU time: progress lost to evictions
};

/// GPUs count whole: one of which a share is held is not free. A gang is `gang_gpus` GPUs, at least one, of one node.
std::vector<FragmentationSample> fragmentation_over_time(const JobRunFacts& facts,
                                                         const ClusterFacts& cluster,
                                                         std::int32_t gang_gpus);

JobSummary summarize(const JobRunFacts& facts, const ClusterFacts& cluster, std::int32_t gang_gpus);

}  // namespace plimsoll
