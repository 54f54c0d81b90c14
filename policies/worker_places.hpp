// All nodes as places for workers of one class, kept up to date: which takes one best, and if none does, why.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/highest_row.hpp"
#include "policies/node_fit.hpp"
#include "policies/view_table.hpp"

namespace plimsoll {

/// Scores are looked at again only where a node has changed. Copyable.
class WorkerPlaces {
 public:
  WorkerPlaces(const ResourceRequest& worker, const ClusterFacts& facts);

  /// Brings the places up to date with `nodes`. `score(NodeState) -> int32`, from 0, is asked of nodes that can take
  /// the worker.
  template <class Score>
  void follow(const ViewTable<NodeRow>& nodes, const ClusterFacts& facts, Score&& score) {
    if (version_ == nodes.version()) return;
    ++pass_;
    const auto look = [&](std::uint32_t row) {
      if (looked_in_[row] == pass_) return;
      looked_in_[row] = pass_;
      const NodeState node{facts.nodes[row], nodes.row(row), row};
      const NodeFilter failed = first_failed(node, worker_);
      set(row, failed, failed == NodeFilter::passed ? score(node) : closeness(node, failed));
    };
    if (!scored_ || !nodes.changes_since(version_, look)) {
      for (std::uint32_t row = 0; row < nodes.size(); ++row) look(row);
    }
    scored_ = true;
    version_ = nodes.version();
  }

  const ResourceRequest& worker() const { return worker_; }
  std::uint32_t size() const { return highest_.rows(); }
  bool fits_somewhere() const { return highest_.best_value() >= 0; }
  bool fits(std::uint32_t row) const { return highest_.value(row) >= 0; }
  /// Of a node that fits.
  std::int32_t score(std::uint32_t row) const { return highest_.value(row); }
  /// The node with the highest score, the first name of several.
  std::uint32_t best() const { return highest_.best(); }
  std::uint32_t fitting() const;
  /// The n-th of the nodes that fit, from 0, in the order of names.
  std::uint32_t nth_fitting(std::uint32_t n) const;

  /// Why `waiting` workers of this class, of `wanted` in all, find no place.
  NotNow why_not(const ViewTable<NodeRow>& nodes, const ClusterFacts& facts, std::int32_t waiting,
                 std::int32_t wanted) const;
  /// Whether an idle cluster would hold so many.
  bool ever_fit(std::int32_t workers) const { return workers <= most_; }

 private:
  /// Below 0; the higher, the less has to free up before the node fits.
  std::int32_t closeness(const NodeState& node, NodeFilter failed) const;
  void set(std::uint32_t row, NodeFilter failed, std::int32_t value);

  ResourceRequest worker_;
  std::int64_t most_ = 0;  ///< such workers in an idle cluster
  HighestRow highest_;     ///< scores; where the worker does not fit, closeness
  std::vector<NodeFilter> failed_;
  NodesRejected rejected_;
  std::vector<std::uint32_t> looked_in_;  ///< by node: the last pass that looked at it
  std::uint32_t pass_ = 0;
  std::uint64_t version_ = ~std::uint64_t{0};
  bool scored_ = false;
};

}  // namespace plimsoll
