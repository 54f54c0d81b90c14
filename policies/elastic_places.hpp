// Places for jobs of any number of workers, such that no node takes part in two jobs that run on several nodes: these
// would share its network.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

class ElasticPlaces {
 public:
  /// As the view is now, with the running jobs among `jobs`: a draft, which changes no view.
  ElasticPlaces(const ClusterView& view, const std::vector<std::uint32_t>& jobs);

  /// Takes a running job off its nodes.
  void release(const JobView& job);
  /// What a job that somebody else has placed takes.
  void take(const std::vector<NodeShare>& shares);
  /// Up to `workers` of a job of one kind of worker, but at least `least`: on the node with the least room that holds
  /// them all, or on as few nodes as can be. Fewer where there is less room; without shares where there is too little.
  Placement place(const JobView& job, std::int32_t least, std::int32_t workers);

 private:
  struct Room {
    std::uint32_t node = 0;
    std::int32_t workers = 0;
  };
  std::vector<Room> rooms_for(const ResourceRequest& each) const;
  void take(Placement& placement, const Room& room, const ResourceRequest& each,
            std::int32_t workers);
  void release(const std::vector<NodeShare>& shares);
  Placement place_up_to(const JobView& job, std::int32_t workers);

  const ClusterFacts& facts_;
  std::vector<NodeRow> rows_;
  std::vector<std::int32_t> joined_;  ///< by node: jobs on several nodes that have workers there
};

}  // namespace plimsoll
