#include "policies/easy_reservation.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace plimsoll {

bool EasyReservation::start_first(SchedulingCycle& cycle, std::uint32_t job) {
  Placement placement = rule_->place(cycle.view(), cycle.view().jobs().row(job));
  if (placement.placed()) return cycle.start(job, std::move(placement));
  const bool promised = reserved_at_ <= cycle.now() && reserved_for_ == job && reserved_.placed();
  if (promised && cycle.start(job, reserved_)) return true;
  cycle.not_now(job, placement.why_not);
  return false;
}

/// Lets the running jobs end, earliest first, until the job has a place.
void EasyReservation::reserve(const SchedulingCycle& cycle, std::uint32_t head) {
  const ClusterView& view = cycle.view();
  const JobView& job = view.jobs().row(head);
  future_.reset(view);
  reserved_at_ = kNever;
  reserved_for_ = head;
  std::int64_t missing = gpu_milli_needed(job) - free_.milli(view);
  const auto& ends = ends_.of(view);
  for (auto at = ends.begin(); at != ends.end() && at->first != kNever;) {
    const SimTime end = std::max(at->first, cycle.now());
    for (; at != ends.end() && std::max(at->first, cycle.now()) == end; ++at) {
      const auto& shares = view.jobs().row(at->second).placement.shares;
      future_.release(shares);
      for (const NodeShare& share : shares) {
        missing -= std::int64_t{std::popcount(share.devices)} * share.gpu_milli;
      }
    }
    if (missing > 0) continue;
    reserved_ = future_.place(job);
    if (!reserved_.placed()) continue;
    reserved_at_ = end;
    return;
  }
}

void EasyReservation::backfill(SchedulingCycle& cycle, std::uint32_t job, std::uint32_t head) {
  const ClusterView& view = cycle.view();
  const JobView& row = view.jobs().row(job);
  if (gpu_milli_needed(row) > free_.milli(view)) return;
  Placement placement = rule_->place(view, row);
  if (!placement.placed()) return cycle.not_now(job, placement.why_not);
  if (expected_end(row, cycle.now()) > reserved_at_) {
    Placement moved;
    const bool taken = future_.take(placement.shares);
    if (taken) moved = future_.place(view.jobs().row(head));
    if (!taken || !moved.placed()) {
      if (taken) future_.release(placement.shares);
      return cycle.not_now(job, {Reason::reserved, head});
    }
    reserved_ = std::move(moved);
  }
  cycle.start(job, std::move(placement));
}

}  // namespace plimsoll
