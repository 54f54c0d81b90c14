// Goodput of adaptive data-parallel training: throughput times statistical efficiency (Qiao et al., "Pollux:
// Co-adaptive Cluster Scheduling for Goodput-Optimized Deep Learning", OSDI 2021, section 3).
#pragma once

#include <cstdint>
#include <span>

namespace plimsoll {

/// Of the gradient, at the smallest batch: its squared norm and its variance.
struct GradientStats {
  double sqr = 0;
  double var = 0;
};

/// How a batch is split: each replica computes `accumulation` steps without synchronisation, then one with.
struct BatchPlan {
  std::int32_t local = 0;  ///< samples of one replica in one step
  std::int32_t accumulation = 0;

  std::int32_t batch(std::int32_t replicas) const { return replicas * local * (accumulation + 1); }
  friend bool operator==(const BatchPlan&, const BatchPlan&) = default;
};

/// Time of a step: compute is linear in the local batch, synchronisation in the replicas beyond two, and both overlap
/// as a norm of order `overlap` (1: not at all; 10: fully). Seconds.
struct StepTimeLaw {
  double compute_base = 0;
  double compute_slope = 0;  ///< per sample
  double node_base = 0;      ///< synchronisation between nodes
  double node_slope = 0;     ///< per replica beyond two
  double local_base = 0;     ///< synchronisation within a node
  double local_slope = 0;
  double overlap = 1;

  double compute_s(std::int32_t local_batch) const;
  /// Of a step with synchronisation.
  double step_s(std::int32_t nodes, std::int32_t replicas, std::int32_t local_batch) const;
};

/// What a training application could adapt, and within which limits.
struct GoodputModel {
  StepTimeLaw law;
  std::int32_t least_batch = 1;  ///< the one that efficiency is relative to
  std::int32_t most_batch = 1;
  std::int32_t least_local_batch = 1;
  std::int32_t most_local_batch = 1;
  std::int32_t fixed_batch = 0;  ///< above 0: it may not adapt its batch

  struct Best {
    double goodput = 0;  ///< samples per second that count
    BatchPlan plan;
  };
  /// The batch plan of the highest goodput, out of 50 batch sizes in geometric steps.
  Best best(const GradientStats& gradient, std::int32_t nodes, std::int32_t replicas) const;
  /// Of one plan.
  double goodput(const GradientStats& gradient, std::int32_t nodes, std::int32_t replicas,
                 const BatchPlan& plan) const;
  /// How a replica comes to its share of a batch.
  BatchPlan split(double batch, std::int32_t replicas) const;
};

/// One measured configuration.
struct StepObservation {
  std::int32_t nodes = 1;
  std::int32_t replicas = 1;
  std::int32_t local_batch = 1;
  double step_s = 0;
  double sync_s = 0;
};

/// The law of least root-mean-square error of log times, of compute and of whole steps; parameters that no observation
/// tells of stay optimistic: no cost. Deterministic.
StepTimeLaw fit_step_time_law(std::span<const StepObservation> observations);

}  // namespace plimsoll
