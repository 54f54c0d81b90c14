// Which GPUs each replica holds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll {

/// A group of equal nodes.
struct NodeGroupSize {
  std::int32_t nodes = 0;
  std::int32_t gpus_per_node = 0;
};

/// The replicas of one pool.
struct PoolDemand {
  std::size_t group = 0;  ///< index of its node group
  std::int32_t replicas = 0;
  std::int32_t gpus_per_replica = 1;  ///< >= 1
};

struct ReplicaPlacement {
  std::int32_t node = 0;           ///< index within the pool's node group
  std::vector<std::int32_t> gpus;  ///< indices within the node, ascending
};

/// First fit, pools in order: each replica on the first node of its group that has enough free GPUs, on the lowest of
/// them. Returns for each pool its replicas in order, fewer than demanded where the group has no room for more.
std::vector<std::vector<ReplicaPlacement>> place_replicas(std::span<const NodeGroupSize> groups,
                                                          std::span<const PoolDemand> pools);

}  // namespace plimsoll
