// Preemptive selection: jobs in some order take GPUs of a quota; those left out stop, those let in start.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/placement_setting.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

/// A job that runs or waits, as a selection needs it.
struct Contender {
  std::uint32_t job = 0;
  std::int32_t gpus = 0;
  bool running = false;
  bool preemptible = true;
};

/// One selection over an order: tell it all jobs, first the ones that come first, then let it act. GPUs are counted,
/// not placed: a job that is let in may still find no place, and waits for one.
class QuotaSelection {
 public:
  explicit QuotaSelection(std::int64_t gpus) : left_(gpus) {}

  /// Of each running job that is not preemptible, before all others: it keeps what it has.
  void keep(const Contender& job) { left_ -= job.gpus; }
  /// Of a running job that the GPUs were counted without: they are free again until it is considered.
  void reconsider(const Contender& job) { left_ += job.gpus; }
  /// GPUs that nobody has been given yet.
  std::int64_t left() const { return left_; }
  /// The next job of the order. Returns whether it is let in.
  bool consider(const Contender& job) {
    const bool fits = job.gpus <= left_;
    if (fits) left_ -= job.gpus;
    if (fits && !job.running) starting_.push_back(job.job);
    if (!fits && job.running) stopping_.push_back(job.job);
    return fits;
  }

  /// Evicts and starts, each in the order of the selection.
  void act(SchedulingCycle& cycle, OwnedPlacement& rule) const {
    for (const std::uint32_t job : stopping_) cycle.evict(job);
    for (const std::uint32_t job : starting_) {
      Placement placement = rule->place(cycle.view(), cycle.view().jobs().row(job));
      if (placement.placed()) {
        cycle.start(job, std::move(placement));
      } else {
        cycle.not_now(job, placement.why_not);
      }
    }
  }

 private:
  std::int64_t left_;
  std::vector<std::uint32_t> starting_;
  std::vector<std::uint32_t> stopping_;
};

}  // namespace plimsoll
