// The fragmentation of a whole cluster over time, brought up to date from the nodes that changed.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/fragmentation.hpp"

namespace plimsoll {

/// `fgd_fragmentation`: the sum over nodes of what the next typical worker could not use. Sums are whole numbers, so
/// that the order of changes does not matter. Copyable.
class FragmentationMeter {
 public:
  /// Of all nodes, or of those whose rows are true in `only`.
  explicit FragmentationMeter(Fragmentation fragmentation, std::vector<bool> only = {})
      : fragmentation_(std::move(fragmentation)), only_(std::move(only)) {}

  void follow(const ClusterView& view);

  /// Thousandths of GPUs; exact to 10^-9 of one per node.
  double gpu_milli() const;
  std::int64_t free_gpu_milli() const { return free_; }
  /// Of the free GPUs; 0 where none is free.
  double ratio() const;

 private:
  void look_at(const ClusterView& view, std::uint32_t row);

  struct OfNode {
    std::int64_t lost = 0;  ///< in 2^-32 of a thousandth of a GPU
    std::int32_t free = 0;
  };
  Fragmentation fragmentation_;
  std::vector<bool> only_;
  std::vector<OfNode> nodes_;
  std::int64_t lost_ = 0;
  std::int64_t free_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
