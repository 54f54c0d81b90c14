// How much of all GPUs is free: the first thing that tells whether a job can start at all.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/node_fit.hpp"

namespace plimsoll {

/// GPUs that a gang asks for, in thousandths; of an elastic one, at least.
inline std::int64_t gpu_milli_needed(const JobView& job) {
  std::int64_t milli = 0;
  for (const SubGang& part : job.gang) {
    milli +=
        std::int64_t{job.elastic() ? job.min_workers : part.workers} * gpu_milli_sum(part.each);
  }
  return milli;
}

/// An index of a view's nodes. Copyable: a copy follows the copied view.
class FreeGpus {
 public:
  /// In thousandths, on nodes that can be used.
  std::int64_t milli(const ClusterView& view) {
    const ViewTable<NodeRow>& nodes = view.nodes();
    counted_.resize(nodes.size(), 0);
    const auto look = [&](std::uint32_t row) {
      const NodeState node{view.facts().nodes[row], nodes.row(row)};
      const std::int32_t free = node.row.schedulable ? free_gpu_milli_sum(node) : 0;
      milli_ += free - counted_[row];
      counted_[row] = free;
    };
    if (!nodes.changes_since(version_, look)) {
      for (std::uint32_t row = 0; row < nodes.size(); ++row) look(row);
    }
    version_ = nodes.version();
    return milli_;
  }

 private:
  std::int64_t milli_ = 0;
  std::vector<std::int32_t> counted_;  ///< by node
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
