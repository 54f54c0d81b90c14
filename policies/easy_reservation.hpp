// EASY backfill: the first job that does not fit gets a reservation, and later jobs may start only where they do not
// delay it. Source: D. Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995.
#pragma once

#include <cstdint>

#include "policies/expected_ends.hpp"
#include "policies/free_gpus.hpp"
#include "policies/future_nodes.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

/// The reservation is a placement on nodes, not a number of GPUs: with exact running times the job starts by then.
class EasyReservation {
 public:
  /// `depth`: pending jobs behind the first that are looked at in a cycle; 0: all.
  EasyReservation(const PolicyConfig& placement, const PolicyContext& context, std::int32_t depth)
      : rule_(placement, context), future_(placement, context), depth_(depth) {}

  /// One cycle over the pending jobs in order: `job_of(*position)` is a job. The range must not change meanwhile.
  template <class Range, class JobOf>
  void run(SchedulingCycle& cycle, const Range& order, JobOf&& job_of) {
    auto at = order.begin();
    while (at != order.end() && start_first(cycle, job_of(*at))) ++at;
    if (at == order.end()) return;
    const std::uint32_t head = job_of(*at);
    reserve(cycle, head);
    std::int32_t tested = 0;
    for (++at; at != order.end() && (depth_ == 0 || tested < depth_); ++at, ++tested) {
      if (free_.milli(cycle.view()) == 0) return;
      backfill(cycle, job_of(*at), head);
    }
  }

 private:
  bool start_first(SchedulingCycle& cycle, std::uint32_t job);
  void reserve(const SchedulingCycle& cycle, std::uint32_t head);
  void backfill(SchedulingCycle& cycle, std::uint32_t job, std::uint32_t head);

  OwnedPlacement rule_;
  FutureNodes future_;  ///< at `reserved_at_`, after the ends until then
  ExpectedEnds ends_;
  FreeGpus free_;
  std::int32_t depth_;
  SimTime reserved_at_ = kNever;
  std::uint32_t reserved_for_ = 0;
  Placement reserved_;
};

}  // namespace plimsoll
