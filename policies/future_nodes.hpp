// The nodes of a view as they will be, on assumptions: who has ended, who has started.
// Jobs can be placed there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "policies/placement_setting.hpp"

namespace plimsoll {

/// Copyable: a copy follows copies of the view.
class FutureNodes {
 public:
  FutureNodes(const PolicyConfig& placement, const PolicyContext& context)
      : rule_(placement, context) {}

  /// Forgets all assumptions: the nodes as the view has them.
  void reset(const ClusterView& view);
  /// What the shares hold has come free.
  void release(const std::vector<NodeShare>& shares);
  /// The shares have been taken: all of them, or none and false.
  bool take(const std::vector<NodeShare>& shares);
  /// One node as it is assumed to be.
  void set(std::uint32_t node, const NodeRow& row);

  const ViewTable<NodeRow>& nodes() const { return future_->nodes(); }
  Placement place(const JobView& job) { return rule_->place(*future_, job); }

 private:
  OwnedPlacement rule_;
  std::optional<ClusterView> future_;
  std::vector<std::uint32_t> assumed_;  ///< rows that may differ from the view's
  std::uint64_t version_ = 0;           ///< of the view's nodes
};

}  // namespace plimsoll
