// Jobs in strict order: the first one that does not fit keeps all behind it waiting.
#pragma once

#include <utility>

#include "policies/pending_jobs.hpp"
#include "policies/placement_setting.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

/// Starts pending jobs in order while they fit. The jobs behind the first that does not are blocked by it, without a
/// word on each: a queue of any length costs nothing.
template <class Key>
void start_in_order(SchedulingCycle& cycle, PendingJobs<Key>& pending, OwnedPlacement& rule) {
  const ClusterView& view = cycle.view();
  while (!pending.of(view).empty()) {
    const std::uint32_t head = pending.of(view).begin()->second;
    Placement placement = rule->place(view, view.jobs().row(head));
    if (!placement.placed()) return cycle.not_now(head, placement.why_not);
    if (!cycle.start(head, std::move(placement))) return;
  }
}

}  // namespace plimsoll
