#include "policies/node_rejections.hpp"

#include "policies/worker_places.hpp"

namespace plimsoll {

NotNow with_rejections(NotNow why, const ClusterView& view, const SubGang& workers) {
  const bool about_nodes = why.reason == Reason::no_free_gpus ||
                           why.reason == Reason::no_free_cpu || why.reason == Reason::topology;
  if (!about_nodes || why.rejected != NodesRejected{}) return why;
  WorkerPlaces places(workers.each, view.facts());
  places.follow(view.nodes(), view.facts(), [](const NodeState&) { return 0; });
  const NotNow found = places.why_not(view.nodes(), view.facts(), workers.workers, workers.workers);
  why.rejected = found.rejected;
  why.nearest = found.nearest;
  return why;
}

}  // namespace plimsoll
