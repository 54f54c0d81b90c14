// The nodes of a view as a placement rule works on them: a copy on which it tries workers of a gang one by one, and the
// places for each class of workers that it has met.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/worker_places.hpp"

namespace plimsoll {

/// Copyable: a copy follows copies of the view.
class WorkerClasses {
 public:
  /// Brings the copy up to date with the view. Calls `changed(row)` for each node that differs.
  template <class Changed>
  void follow(const ClusterView& view, Changed&& changed) {
    const ViewTable<NodeRow>& nodes = view.nodes();
    const bool kept_up = nodes_.size() == nodes.size() && follows_ &&
                         nodes.changes_since(version_, [&](std::uint32_t row) {
                           nodes_.set(row, nodes.row(row));
                           changed(row);
                         });
    if (!kept_up) {
      nodes_ = nodes;
      forget_scores();
      for (std::uint32_t row = 0; row < nodes.size(); ++row) changed(row);
    }
    follows_ = true;
    version_ = nodes.version();
  }

  /// All scores have to be computed anew.
  void forget_scores() { places_.clear(); }

  const ViewTable<NodeRow>& nodes() const { return nodes_; }
  ViewTable<NodeRow>& nodes() { return nodes_; }

  /// The places for a class of workers, as they were when it was last asked for.
  WorkerPlaces& places(const ResourceRequest& worker, const ClusterFacts& facts);

 private:
  struct Known {
    WorkerPlaces places;
    std::uint64_t last_use = 0;
  };
  ViewTable<NodeRow> nodes_;
  std::uint64_t version_ = 0;  ///< of the view's nodes
  bool follows_ = false;
  std::vector<Known> places_;  ///< sorted by the class
  std::uint64_t uses_ = 0;
};

}  // namespace plimsoll
