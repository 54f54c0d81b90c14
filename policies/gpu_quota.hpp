// The GPUs of all nodes that can be used: what policies give out that select jobs by number of GPUs alone.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// An index of a view's nodes. Copyable: a copy follows the copied view.
class GpuQuota {
 public:
  std::int64_t of(const ClusterView& view) {
    const ViewTable<NodeRow>& nodes = view.nodes();
    counted_.resize(nodes.size(), 0);
    const auto look = [&](std::uint32_t row) {
      const std::int32_t gpus = nodes.row(row).schedulable ? view.facts().nodes[row].gpus : 0;
      gpus_ += gpus - counted_[row];
      counted_[row] = gpus;
    };
    if (!nodes.changes_since(version_, look)) {
      for (std::uint32_t row = 0; row < nodes.size(); ++row) look(row);
    }
    version_ = nodes.version();
    return gpus_;
  }

 private:
  std::int64_t gpus_ = 0;
  std::vector<std::int32_t> counted_;  ///< by node
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
