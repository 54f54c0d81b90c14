#include "scenario/placement.hpp"

#include <numeric>

#include "core/assert.hpp"

namespace plimsoll {
namespace {

/// GPUs are never given back, so the first `taken[node]` of a node are those in use.
std::vector<ReplicaPlacement> place_pool(const PoolDemand& pool, std::int32_t gpus_per_node,
                                         std::vector<std::int32_t>& taken) {
  std::vector<ReplicaPlacement> replicas;
  for (std::size_t node = 0; node < taken.size(); ++node) {
    while (gpus_per_node - taken[node] >= pool.gpus_per_replica) {
      if (static_cast<std::int32_t>(replicas.size()) == pool.replicas) return replicas;
      ReplicaPlacement& replica = replicas.emplace_back();
      replica.node = static_cast<std::int32_t>(node);
      replica.gpus.resize(static_cast<std::size_t>(pool.gpus_per_replica));
      std::iota(replica.gpus.begin(), replica.gpus.end(), taken[node]);
      taken[node] += pool.gpus_per_replica;
    }
  }
  return replicas;
}

}  // namespace

std::vector<std::vector<ReplicaPlacement>> place_replicas(std::span<const NodeGroupSize> groups,
                                                          std::span<const PoolDemand> pools) {
  std::vector<std::vector<std::int32_t>> taken;
  for (const NodeGroupSize& group : groups)
    taken.emplace_back(static_cast<std::size_t>(group.nodes), 0);
  std::vector<std::vector<ReplicaPlacement>> placed;
  for (const PoolDemand& pool : pools) {
    PLIMSOLL_ASSERT(pool.group < groups.size(), "group = {} of {}", pool.group, groups.size());
    PLIMSOLL_ASSERT(pool.gpus_per_replica >= 1, "gpus_per_replica = {}", pool.gpus_per_replica);
    placed.push_back(place_pool(pool, groups[pool.group].gpus_per_node, taken[pool.group]));
  }
  return placed;
}

}  // namespace plimsoll
