// What a policy decides in a cycle, applied to its view at once.
#include <utility>

#include "policies/node_share.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

namespace {

/// Takes all shares, or none and returns false. A node may stand in several shares.
bool take_all(ViewTable<NodeRow>& nodes, const std::vector<NodeShare>& shares) {
  for (auto share = shares.begin(); share != shares.end(); ++share) {
    if (share->node < nodes.size() && can_take(nodes.row(share->node), *share)) {
      nodes.update(share->node, [&](NodeRow& row) { take(row, *share); });
      continue;
    }
    for (auto taken = shares.begin(); taken != share; ++taken) {
      nodes.update(taken->node, [&](NodeRow& row) { give_back(row, *taken); });
    }
    return false;
  }
  return true;
}

}  // namespace

bool SchedulingCycle::start(std::uint32_t job, Placement placement) {
  if (job >= view_.jobs().size() || view_.jobs().row(job).phase != JobPhase::pending ||
      !placement.placed() || placement.shares.empty() ||
      !take_all(view_.nodes(), placement.shares)) {
    return false;
  }
  view_.jobs().update(job, [&](JobView& row) {
    row.phase = JobPhase::running;
    row.started_at = now_;
    ++row.starts;
    row.placement = placement;
  });
  decisions_.push_back({SchedulingDecision::Kind::start, job, group_, std::move(placement)});
  return true;
}

bool SchedulingCycle::evict(std::uint32_t job) {
  if (job >= view_.jobs().size() || view_.jobs().row(job).phase != JobPhase::running) return false;
  view_.jobs().update(job, [&](JobView& row) {
    for (const NodeShare& share : row.placement.shares) {
      view_.nodes().update(share.node, [&](NodeRow& node) { give_back(node, share); });
    }
    row.attained = row.attained_until(now_);
    row.executed = row.executed_until(now_);
    row.phase = JobPhase::pending;
    row.placement = {};
  });
  decisions_.push_back({SchedulingDecision::Kind::evict, job, group_, {}});
  return true;
}

void SchedulingCycle::not_now(std::uint32_t job, NotNow why) {
  decisions_.push_back({SchedulingDecision::Kind::not_now, job, group_, Placement{{}, why}});
}

}  // namespace plimsoll
