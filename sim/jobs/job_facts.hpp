// What became of the jobs of a run: one row per job, one per stretch of running, and the cluster's use over time.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "policies/placement.hpp"

namespace plimsoll {

/// GPUs x time: in microseconds a job may run on 100,000 GPUs for three years.
using GpuTime = std::chrono::duration<std::int64_t, std::micro>;

enum class JobState : std::uint8_t { not_submitted, pending, running, finished, rejected };

/// One job, in the order in which the workload lists them. Times that did not come are kNever.
struct JobFacts {
  JobState state = JobState::not_submitted;
  SimTime submitted_at{};
  SimTime first_start = kNever;
  SimTime ended_at = kNever;
  Duration waited{};    ///< pending, in all: before the first start and after each eviction
  Duration executed{};  ///< running, in all
  Duration closest{};   ///< of executed, without (re)starting: as long on the closest placement
  GpuTime gpu_time{};   ///< GPUs x running time
  GpuTime setup_gpu_time{};  ///< of gpu_time, spent on (re)starting, without progress
  GpuTime lost_gpu_time{};   ///< of gpu_time, progress that evictions threw away
  std::int32_t starts = 0;
  std::int32_t preemptions = 0;
  NotNow
      why_not;  ///< what the scheduler last said while it was pending; `blocking` jobs are job indices
};

/// A stretch of running on one placement.
struct JobRun {
  std::uint32_t job = 0;
  SimTime from{};
  SimTime until = kNever;  ///< kNever: still running
  std::uint32_t first_share = 0;
  std::uint32_t shares = 0;
};

/// The cluster's use from this instant to the next sample.
struct AllocationSample {
  SimTime at{};
  std::int64_t gpu_milli = 0;  ///< allocated
  std::int64_t pending_gpus = 0;
  std::uint32_t running = 0;
  std::uint32_t pending = 0;
  std::int64_t fragmented_milli =
      0;  ///< where it is measured: free, but of no use to a typical worker
  std::int64_t fragmented_micro_usd_per_hour = 0;  ///< their price

  friend bool operator==(const AllocationSample&, const AllocationSample&) = default;
};

/// A job that no state of the cluster could start.
struct RejectedJob {
  std::uint32_t job = 0;
  Reason reason = Reason::none;
  std::string why;  ///< a sentence: what it asks for, and what there is
};

/// At every cycle: submitted = pending + running + finished + rejected.
struct JobCounts {
  std::uint64_t submitted = 0;
  std::uint64_t pending = 0;
  std::uint64_t running = 0;
  std::uint64_t finished = 0;
  std::uint64_t rejected = 0;

  bool conserved() const { return submitted == pending + running + finished + rejected; }
};

struct JobRunFacts {
  std::vector<JobFacts> jobs;
  std::vector<JobRun> runs;       ///< in the order of their starts
  std::vector<NodeShare> shares;  ///< of all runs
  std::vector<AllocationSample> samples;
  std::vector<RejectedJob> rejected;
  std::uint64_t cycles = 0;
  std::uint64_t conflicts = 0;  ///< decisions that did not fit reality when they landed

  std::span<const NodeShare> placement(const JobRun& run) const {
    return {shares.data() + run.first_share, run.shares};
  }
};

}  // namespace plimsoll
