// Domains of a cluster's topology as places for a whole gang.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/worker_places.hpp"

namespace plimsoll {

/// One domain of one level; or no such limit.
struct DomainOf {
  std::size_t level = 0;
  std::uint32_t domain = 0;
};
inline constexpr DomainOf kEverywhere{kMaxTopologyLevels, 0};
inline constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

/// The domains of a level that have GPUs, CPU and memory for the whole gang in sum, the one with least free GPUs first,
/// so that large domains stay whole; ties by number.
std::vector<std::uint32_t> domains_with_room(const ClusterView& view, const JobView& job,
                                             std::size_t level);

/// The node of the domain with the highest score, or kNowhere.
std::uint32_t best_in_domain(const WorkerPlaces& places, const ClusterFacts& facts,
                             const DomainOf& within);

}  // namespace plimsoll
