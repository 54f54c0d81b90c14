// A training application as it was profiled: what an iteration takes where it runs, and what an iteration is worth.
// The model is that of Pollux (Qiao et al., OSDI 2021) and its artifact's simulator.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/jobs/scattered_profile.hpp"
#include "workloads/step_time/goodput_model.hpp"

namespace plimsoll {

/// The state of training after an epoch of a run at one batch size.
struct EpochRow {
  double progress = 0;   ///< iterations at the smallest batch that would have got as far
  double iteration = 0;  ///< iterations that it took
  double grad_sqr = 0;   ///< squared norm of the gradient
  double grad_var = 0;   ///< variance of the gradient at the smallest batch
};

struct ValidationRun {
  std::int32_t batch = 0;
  std::vector<EpochRow> epochs;
};

/// One measured configuration: GPUs on each node, in a circle.
struct PlacementRow {
  std::vector<std::int32_t> gpus_per_node;
  std::int32_t local_batch = 0;
  StepTimes times;
};

struct ScalabilityRow {
  std::int32_t nodes = 0;
  std::int32_t replicas = 0;
  std::int32_t local_batch = 0;
  StepTimes times;
};

/// All that was measured of an application.
struct ApplicationProfile {
  std::string name;
  std::vector<ValidationRun> validation;  ///< by batch, ascending
  std::vector<PlacementRow> placements;
  std::vector<ScalabilityRow> scalability;
  /// Largest local batch that fits into memory; none: the largest that was measured.
  std::optional<std::int32_t> largest_local_batch;
};

class ProfiledApplication {
 public:
  /// Throws ConfigError for a profile without runs, epochs or placements.
  explicit ProfiledApplication(ApplicationProfile profile);

  const std::string& name() const { return profile_.name; }
  const std::vector<PlacementRow>& placements() const { return profile_.placements; }
  const std::vector<ScalabilityRow>& scalability() const { return profile_.scalability; }
  std::int32_t least_batch() const { return profile_.validation.front().batch; }
  std::int32_t most_batch() const { return profile_.validation.back().batch; }
  std::int32_t least_local_batch() const { return least_local_; }
  std::int32_t most_local_batch() const { return most_local_; }
  std::int32_t epochs() const { return epochs_; }

  /// The split of a batch over replicas; never beyond the largest batch of the profile. A single replica beyond the
  /// smallest batch accumulates, because one gradient says nothing of its variance.
  BatchPlan split(std::int32_t batch, std::int32_t replicas) const;

  /// Progress at the end of the epoch (0-based): the least over all runs.
  double progress_at_end(std::int32_t epoch) const;
  /// Iterations at a batch from the start to the end of the epoch, linear between the runs about it.
  double iterations_at_end(std::int32_t batch, std::int32_t epoch) const;
  /// During an epoch at a batch, likewise.
  GradientStats gradient(std::int32_t batch, std::int32_t epoch) const;
  /// Progress of one iteration at a batch during an epoch: (var + sqr) / (var / scale + sqr).
  double gain(std::int32_t batch, std::int32_t epoch) const;

  /// Of a step with synchronisation: as measured for these GPUs per node (any rotation of them), linear in the local
  /// batch; or interpolated between all that was measured. Nothing where no measurement is about it.
  std::optional<StepTimes> find_times(const std::vector<std::int32_t>& gpus_per_node,
                                      std::int32_t local_batch) const;
  /// The same; where no measurement is about it, by law().
  StepTimes times(const std::vector<std::int32_t>& gpus_per_node, std::int32_t local_batch) const;
  /// Fitted to all that was measured.
  const StepTimeLaw& law() const { return law_; }
  /// Seconds of an iteration: steps of accumulation, then one with synchronisation.
  static double iteration_s(const StepTimes& times, const BatchPlan& plan) {
    return times.step_s + (times.step_s - times.sync_s) * plan.accumulation;
  }

 private:
  struct Neighbours {
    const ValidationRun* lower;
    const ValidationRun* upper;
  };
  Neighbours about(std::int32_t batch) const;
  double between(std::int32_t batch, std::int32_t epoch, double EpochRow::* value) const;

  ApplicationProfile profile_;
  /// By GPUs per node in their smallest rotation: local batch -> times.
  std::map<std::vector<std::int32_t>, std::map<std::int32_t, StepTimes>> by_placement_;
  ScatteredProfile scattered_;
  StepTimeLaw law_;
  std::vector<double> progress_;  ///< by epoch
  std::int32_t least_local_ = 0;
  std::int32_t most_local_ = 0;
  std::int32_t epochs_ = 0;
};

/// GPUs per node with as few nodes of `per_node` GPUs as possible.
std::vector<std::int32_t> packed(std::int32_t gpus, std::int32_t per_node);

}  // namespace plimsoll
