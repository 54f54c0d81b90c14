// Which filters keep a worker from which nodes, for a reason that does not say it.
#pragma once

#include "policies/cluster_view.hpp"
#include "policies/placement.hpp"

namespace plimsoll {

/// The reason with the nodes that turn such a worker away, and the one that comes closest, where it is about nodes
/// without room and has neither. Looks at all nodes: for people, not for policies.
NotNow with_rejections(NotNow why, const ClusterView& view, const SubGang& workers);

}  // namespace plimsoll
