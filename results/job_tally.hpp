// What one pass over the jobs of a run yields: the counts, sums and lists that their summary is made of.
#pragma once

#include <cstdint>
#include <vector>

#include "results/job_facts.hpp"

namespace plimsoll {

struct JobTally {
  std::uint64_t submitted = 0;
  std::uint64_t finished = 0;
  std::uint64_t running = 0;
  std::uint64_t pending = 0;
  std::uint64_t rejected = 0;
  std::uint64_t preemptions = 0;

  // Of finished jobs, in the order of submission.
  std::vector<std::int64_t> jct_ns;
  std::vector<std::int64_t> queued_ns;
  /// Running time without setup over the same on the closest placement, in millionths; of those that used GPUs.
  std::vector<std::int64_t> slowdown_micro;

  std::int64_t longest_pending_ns = 0;  ///< most that a job which is pending at the end waited
  std::int64_t first_submit_ns = 0;
  std::int64_t last_finish_ns = 0;

  double gpu_s = 0;        ///< GPUs x running time
  double setup_gpu_s = 0;  ///< of it, starting and restarting
  double lost_gpu_s = 0;   ///< of it, progress thrown away

  std::uint64_t gpus = 0;         ///< of the nodes, for jobs
  double price_usd_per_hour = 0;  ///< of all of them
  double allocated_gpu_s = 0;     ///< over time, shares of GPUs as what they are
  double allocated_usd = 0;       ///< their price
  double fragmented_gpu_s = 0;    ///< over time: free, but of no use to the next job
  double fragmented_usd = 0;
};

/// The jobs of a run that ended at `end_ns`.
JobTally tally(const JobTables& jobs, std::int64_t end_ns);

/// GPUs of a share, each counted as a whole one.
std::int32_t gpus_of(const JobShareFact& share);

}  // namespace plimsoll
