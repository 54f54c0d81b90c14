// The least loaded row of a view in O(log rows) per change: a tournament tree that a policy keeps for itself.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// Follows the loads that `Load` (a function object: const ReplicaRow& -> uint32) gives to the rows of one view.
/// Ties go to the lowest row, which is the first name. Copyable: a copy follows the copied view.
template <class Load>
class LeastLoadedIndex {
 public:
  /// Brings the index up to date with `view`, then names its least loaded row.
  std::uint32_t best(const ClusterView& view) {
    if (leaves_ == 0 || view.version() - version_ > view.size() / 4 + 1 ||
        !view.changes_since(version_, [&](std::uint32_t row) { update(view, row); })) {
      rebuild(view);
    }
    version_ = view.version();
    return static_cast<std::uint32_t>(tree_[1]);
  }

 private:
  static std::uint64_t entry(const ClusterView& view, std::uint32_t row) {
    return (std::uint64_t{Load{}(view.replica(row))} << 32) | row;
  }

  void update(const ClusterView& view, std::uint32_t row) {
    std::size_t node = leaves_ + row;
    tree_[node] = entry(view, row);
    for (node /= 2; node > 0; node /= 2) {
      tree_[node] = std::min(tree_[2 * node], tree_[2 * node + 1]);
    }
  }

  void rebuild(const ClusterView& view) {
    leaves_ = std::bit_ceil(std::max<std::size_t>(view.size(), 2));
    tree_.assign(2 * leaves_, ~std::uint64_t{0});
    for (std::uint32_t row = 0; row < view.size(); ++row) tree_[leaves_ + row] = entry(view, row);
    for (std::size_t node = leaves_ - 1; node > 0; --node) {
      tree_[node] = std::min(tree_[2 * node], tree_[2 * node + 1]);
    }
  }

  std::vector<std::uint64_t>
      tree_;  ///< (load, row); node n has children 2n and 2n + 1; the winner is tree_[1]
  std::size_t leaves_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
