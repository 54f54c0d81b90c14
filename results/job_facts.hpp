// The facts of batch and training jobs of a run: plain tables beside those of pools (results/run_facts.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll {

/// What became of a job by the end of the run.
enum class JobStatus : std::uint8_t {
  pending = 0,  ///< waits, for the first time or after an eviction
  running = 1,
  finished = 2,
  rejected = 3,  ///< no state of the cluster could start it
};

/// One submitted job. Times are nanoseconds since the run's start, kNoTime where not reached; GPU times are
/// microseconds, of each run as many whole ones as it lasted on each GPU.
struct JobFact {
  std::int64_t submit_ns = 0;
  std::int64_t start_ns = -1;  ///< of its first run
  std::int64_t end_ns = -1;    ///< finished
  std::int64_t queued_ns =
      0;  ///< pending, in all: before the first start, after evictions, until the run's end
  std::int64_t executed_ns = 0;  ///< running, in all
  std::int64_t closest_ns =
      0;  ///< of executed_ns, without (re)starting: as long on the closest placement
  std::int64_t gpu_us = 0;        ///< GPUs x running time
  std::int64_t setup_gpu_us = 0;  ///< of gpu_us: (re)starting, without progress
  std::int64_t lost_gpu_us = 0;   ///< of gpu_us: progress that evictions threw away
  std::int32_t gpus = 0;          ///< that it asks for
  std::int32_t priority = 0;
  std::uint32_t source = 0;  ///< index into JobTables::sources
  std::uint32_t queue = 0;   ///< index into JobTables::queues
  std::uint32_t user = 0;    ///< index into JobTables::users
  std::uint32_t starts = 0;
  std::uint32_t preemptions = 0;
  JobStatus status = JobStatus::pending;

  friend bool operator==(const JobFact&, const JobFact&) = default;
};

/// A stretch of running on one placement, in the order of starts.
struct JobRunFact {
  std::uint32_t job = 0;  ///< row of the table of jobs
  std::int64_t from_ns = 0;
  std::int64_t until_ns = -1;     ///< kNoTime: still running
  std::uint32_t first_share = 0;  ///< its rows of the table of placements: so many from this one on
  std::uint32_t shares = 0;

  friend bool operator==(const JobRunFact&, const JobRunFact&) = default;
};

/// What one run held of one node.
struct JobShareFact {
  std::uint32_t node = 0;      ///< row of the table of nodes
  std::uint32_t gpus = 0;      ///< bit i: GPU i of the node
  std::int32_t gpu_milli = 0;  ///< thousandths taken of each of them
  std::int32_t workers = 0;
  std::int32_t mig_profile = -1;  ///< index into JobTables::mig_profiles; -1: no MIG partition
  std::uint32_t mig_slices = 0;   ///< bit i: memory slice i of the partition's GPU

  friend bool operator==(const JobShareFact&, const JobShareFact&) = default;
};

/// The use of the nodes' GPUs from this instant to the next sample. One sample wherever anything of it changes.
struct JobSample {
  std::int64_t time_ns = 0;
  std::int64_t allocated_milli = 0;  ///< thousandths of GPUs that jobs hold
  std::int64_t pending_gpus = 0;     ///< that pending jobs ask for
  std::uint32_t running = 0;         ///< jobs
  std::uint32_t pending = 0;         ///< jobs
  std::int64_t fragmented_milli =
      0;  ///< free, but of no use to the next job's typical worker (FGD), in expectation
  std::int64_t fragmented_micro_usd_per_hour = 0;  ///< their price

  friend bool operator==(const JobSample&, const JobSample&) = default;
};

/// Why a job is pending at the run's end, or was rejected. Structured as the scheduler said it; `text` is for people.
struct JobReasonFact {
  std::uint32_t job = 0;
  std::uint8_t reason = 0;  ///< index into JobTables::reason_names
  std::int64_t blocking =
      -1;  ///< row of the job that comes before it, or holds a reservation; -1: none
  std::uint32_t nodes_unschedulable = 0;  ///< nodes turned away, by the first filter that did
  std::uint32_t nodes_gpu_kind = 0;
  std::uint32_t nodes_gpus = 0;
  std::uint32_t nodes_cpu = 0;
  std::uint32_t nodes_memory = 0;
  std::int64_t nearest_node = -1;      ///< that comes closest to taking a worker; -1: none
  std::int64_t missing_gpu_milli = 0;  ///< what would have to free up there
  std::int64_t missing_cpu_milli = 0;
  std::int64_t missing_memory_bytes = 0;
  std::string text;

  friend bool operator==(const JobReasonFact&, const JobReasonFact&) = default;
};

/// A node as jobs may use it: what pools hold of it is left out.
struct JobNode {
  std::string name;
  std::string gpu;         ///< name of the GPU catalogue; empty without GPUs
  std::uint32_t gpus = 0;  ///< for jobs
  std::uint32_t first_gpu =
      0;  ///< GPUs before this one are held by pools: GPU i of a share is GPU first_gpu + i
  double price_usd_per_gpu_hour = 0;

  friend bool operator==(const JobNode&, const JobNode&) = default;
};

/// All of a run's jobs. At every sample and at the end: submitted = pending + running + finished + rejected.
struct JobTables {
  std::string scheduling;  ///< the policy's name
  std::string estimates =
      "none";  ///< of running times that the policy read: none, user, predicted, oracle
  std::uint64_t cycles = 0;          ///< of the scheduler
  std::uint64_t conflicts = 0;       ///< decisions that did not fit reality when they landed
  std::vector<std::string> names;    ///< of jobs, by row
  std::vector<std::string> sources;  ///< the scenario's names under `jobs`
  std::vector<std::string> queues;
  std::vector<std::string> users;
  std::vector<std::string> reason_names;
  std::vector<std::string> mig_profiles;  ///< names of the partitions that jobs may ask for
  std::vector<JobNode> nodes;
  std::vector<JobFact> jobs;  ///< in the order of submission
  std::vector<JobRunFact> runs;
  std::vector<JobShareFact> shares;
  std::vector<JobSample> samples;
  std::vector<JobReasonFact> reasons;  ///< of pending and rejected jobs, by job

  friend bool operator==(const JobTables&, const JobTables&) = default;
};

}  // namespace plimsoll
