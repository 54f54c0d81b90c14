#include "policies/topology_domains.hpp"

#include <algorithm>
#include <map>

namespace plimsoll {

namespace {

/// What a domain has free, or a gang needs.
struct Room {
  std::int64_t gpu_milli = 0;
  std::int64_t cpu_milli = 0;
  Bytes memory{};
};

/// The least that the gang needs: an elastic job may run with fewer workers.
Room need_of(const JobView& job) {
  Room need;
  for (const SubGang& part : job.gang) {
    const std::int64_t workers = job.elastic() ? job.min_workers : part.workers;
    need.gpu_milli += workers * gpu_milli_sum(part.each);
    need.cpu_milli += workers * part.each.cpu_milli;
    need.memory += part.each.memory * workers;
  }
  return need;
}

}  // namespace

std::vector<std::uint32_t> domains_with_room(const ClusterView& view, const JobView& job,
                                             std::size_t level) {
  std::map<std::uint32_t, Room> rooms;
  for (std::uint32_t row = 0; row < view.nodes().size(); ++row) {
    const NodeState node{view.facts().nodes[row], view.nodes().row(row)};
    if (!node.row.schedulable) continue;
    Room& room = rooms[node.facts.domain[level]];
    room.gpu_milli += free_gpu_milli_sum(node);
    room.cpu_milli += node.row.free_cpu_milli;
    room.memory += node.row.free_memory;
  }
  const Room need = need_of(job);
  std::vector<std::uint32_t> domains;
  for (const auto& [domain, room] : rooms) {
    const bool enough = room.gpu_milli >= need.gpu_milli && room.cpu_milli >= need.cpu_milli &&
                        room.memory >= need.memory;
    if (enough) domains.push_back(domain);
  }
  std::ranges::stable_sort(domains, {},
                           [&](std::uint32_t domain) { return rooms.at(domain).gpu_milli; });
  return domains;
}

std::uint32_t best_in_domain(const WorkerPlaces& places, const ClusterFacts& facts,
                             const DomainOf& within) {
  std::uint32_t best = kNowhere;
  for (std::uint32_t row = 0; row < places.size(); ++row) {
    if (facts.nodes[row].domain[within.level] != within.domain || !places.fits(row)) continue;
    if (best == kNowhere || places.score(row) > places.score(best)) best = row;
  }
  return best;
}

}  // namespace plimsoll
