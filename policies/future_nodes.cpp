#include "policies/future_nodes.hpp"

#include <memory>

#include "policies/node_share.hpp"

namespace plimsoll {

void FutureNodes::reset(const ClusterView& view) {
  const ViewTable<NodeRow>& nodes = view.nodes();
  const auto copy = [&](std::uint32_t row) {
    if (future_->nodes().row(row) != nodes.row(row)) future_->nodes().set(row, nodes.row(row));
  };
  if (!future_) {
    future_.emplace(nodes.names(), std::make_shared<const ClusterFacts>(view.facts()));
  }
  for (const std::uint32_t row : assumed_) copy(row);
  assumed_.clear();
  if (!nodes.changes_since(version_, copy)) {
    for (std::uint32_t row = 0; row < nodes.size(); ++row) copy(row);
  }
  version_ = nodes.version();
}

void FutureNodes::release(const std::vector<NodeShare>& shares) {
  for (const NodeShare& share : shares) {
    future_->nodes().update(share.node, [&](NodeRow& row) { give_back(row, share); });
    assumed_.push_back(share.node);
  }
}

bool FutureNodes::take(const std::vector<NodeShare>& shares) {
  for (auto share = shares.begin(); share != shares.end(); ++share) {
    if (!can_take(future_->nodes().row(share->node), *share)) {
      for (auto taken = shares.begin(); taken != share; ++taken) {
        future_->nodes().update(taken->node, [&](NodeRow& row) { give_back(row, *taken); });
      }
      return false;
    }
    future_->nodes().update(share->node, [&](NodeRow& row) { plimsoll::take(row, *share); });
    assumed_.push_back(share->node);
  }
  return true;
}

void FutureNodes::set(std::uint32_t node, const NodeRow& row) {
  if (future_->nodes().row(node) == row) return;
  future_->nodes().set(node, row);
  assumed_.push_back(node);
}

}  // namespace plimsoll
