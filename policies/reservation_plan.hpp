// Conservative backfill: every pending job, in order, gets the earliest place that delays none before it.
// Source: D. Feitelson and A. Weil, "Utilization and predictability in scheduling the IBM SP2 with backfilling", 1998.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "policies/expected_ends.hpp"
#include "policies/future_nodes.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

struct PlanLimits {
  std::int32_t depth = 100;  ///< pending jobs that a cycle plans; 0: all
  Duration window{};         ///< how far ahead it plans; 0: without limit
};

/// The plan is made anew in each cycle: what the nodes have free, stretch by stretch of time.
class ReservationPlan {
 public:
  ReservationPlan(const PolicyConfig& placement, const PolicyContext& context, PlanLimits limits)
      : nodes_(placement, context), limits_(limits) {}

  /// One cycle over the pending jobs in order: `job_of(*position)` is a job. The range must not change meanwhile.
  template <class Range, class JobOf>
  void run(SchedulingCycle& cycle, const Range& order, JobOf&& job_of) {
    begin(cycle);
    std::int32_t planned = 0;
    for (auto at = order.begin(); at != order.end(); ++at, ++planned) {
      if (limits_.depth != 0 && planned == limits_.depth) return;
      plan(cycle, job_of(*at));
    }
  }

 private:
  /// From here to the next stretch.
  struct Stretch {
    SimTime from{};
    std::vector<NodeRow> nodes;
    std::int64_t gpu_milli = 0;  ///< free on all nodes
  };

  void begin(const SchedulingCycle& cycle);
  void plan(SchedulingCycle& cycle, std::uint32_t job);
  /// Where the job can be from the start of a stretch to its end; or why not.
  Placement place_from(const ClusterView& view, std::size_t first, const JobView& job, SimTime end);
  void take(std::size_t first, SimTime end, const std::vector<NodeShare>& shares);
  void split(SimTime at);

  FutureNodes nodes_;
  ExpectedEnds ends_;
  PlanLimits limits_;
  std::vector<Stretch> stretches_;
  std::optional<std::uint32_t> first_reserved_;
};

}  // namespace plimsoll
