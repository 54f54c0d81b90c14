// A batch or training job as it is in truth: what it asks for, and how it gets on where it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "hardware/resource_request.hpp"
#include "workloads/step_time/job_report.hpp"

namespace plimsoll {

/// What of a placement decides a job's speed.
struct PlacementShape {
  std::vector<std::int32_t> gpus_per_node;  ///< in the order in which they were allocated
  std::int32_t gpu_kind = -1;               ///< index into the cluster's list of kinds
  /// The closest level of topology with one domain that holds all its nodes; -1: one node; number of levels: none.
  std::int32_t span = -1;
  double slowdown =
      1;  ///< of its slowest node against a sound one, >= 1: workers in step wait for it
  /// `gpus_per_node` by NVLink domain, where it is in more than one; empty: its nodes fill domains in order.
  std::vector<std::int32_t> gpus_per_island{};

  friend bool operator==(const PlacementShape&, const PlacementShape&) = default;
};

/// How far a job has come, in units of its model's own.
struct JobProgress {
  std::int32_t epoch = 0;
  double done = 0;
};

/// How a kind of job gets on. Pure: the same for every job of the kind.
class JobModel {
 public:
  virtual ~JobModel() = default;
  /// From here to the end, if it keeps what it holds; without the cost of (re)starting.
  virtual Duration time_to_end(const JobProgress& progress, const PlacementShape& shape) const = 0;
  /// How far it is after so much running time.
  virtual JobProgress after(const JobProgress& progress, const PlacementShape& shape,
                            Duration run) const = 0;
  /// What it tells a scheduler of its speed at that point, on the GPUs that it holds (none: a shape without nodes):
  /// nothing, unless it was profiled.
  virtual JobReport report(const JobProgress&, const PlacementShape&) const { return {}; }
};

/// One job of a workload.
struct JobSpec {
  std::string name;
  std::string queue;  ///< or virtual cluster, partition; empty: the one queue
  std::string user;
  std::int32_t priority = 0;
  bool preemptible = true;
  SimTime submitted_at{};
  std::vector<SubGang> gang;  ///< starts together or not at all
  std::int32_t min_workers =
      0;  ///< elastic: the gang has one part, of any number of workers within these; equal: not
  std::int32_t max_workers = 0;
  std::optional<std::string>
      required_topology;  ///< name of a level in one domain of which it must run
  std::optional<std::string> preferred_topology;
  std::shared_ptr<const JobModel> model;  ///< jobs of one kind share it
  std::optional<Duration>
      user_estimate;  ///< of its running time, as its user states (a wall time limit)
  std::optional<Duration> predicted;  ///< the same, as a predictor would state
  Duration restart_cost{};            ///< without progress, at each start
  Duration eviction_cost{};  ///< the same, once for each eviction; what a run leaves of it stays
  std::optional<Duration>
      checkpoint_interval;  ///< an eviction loses what came after the last; none: loses nothing
};

}  // namespace plimsoll
