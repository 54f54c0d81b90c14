#include "policies/elastic_places.hpp"

#include <algorithm>

#include "policies/node_fit.hpp"
#include "policies/node_share.hpp"

namespace plimsoll {

namespace {

std::int32_t room_on(const NodeState& node, const ResourceRequest& each) {
  if (first_failed(node, each) != NodeFilter::passed) return 0;
  std::int64_t workers = each.gpus > 0 ? idle_gpus(node) / each.gpus : kMaxGpusPerNode;
  if (each.cpu_milli > 0) workers = std::min(workers, node.row.free_cpu_milli / each.cpu_milli);
  if (each.memory.count() > 0)
    workers = std::min(workers, node.row.free_memory.count() / each.memory.count());
  return static_cast<std::int32_t>(workers);
}

}  // namespace

ElasticPlaces::ElasticPlaces(const ClusterView& view, const std::vector<std::uint32_t>& jobs)
    : facts_(view.facts()), rows_(view.nodes().rows()), joined_(rows_.size(), 0) {
  for (const std::uint32_t job : jobs) {
    const auto& shares = view.jobs().row(job).placement.shares;
    if (shares.size() < 2) continue;
    for (const NodeShare& share : shares) ++joined_[share.node];
  }
}

void ElasticPlaces::release(const JobView& job) { release(job.placement.shares); }

void ElasticPlaces::release(const std::vector<NodeShare>& shares) {
  for (const NodeShare& share : shares) {
    give_back(rows_[share.node], share);
    if (shares.size() > 1) --joined_[share.node];
  }
}

void ElasticPlaces::take(const std::vector<NodeShare>& shares) {
  for (const NodeShare& share : shares) {
    plimsoll::take(rows_[share.node], share);
    if (shares.size() > 1) ++joined_[share.node];
  }
}

/// The nodes with room, least room first.
std::vector<ElasticPlaces::Room> ElasticPlaces::rooms_for(const ResourceRequest& each) const {
  std::vector<Room> rooms;
  for (std::uint32_t node = 0; node < rows_.size(); ++node) {
    const std::int32_t room = room_on({facts_.nodes[node], rows_[node], node}, each);
    if (room > 0) rooms.push_back({node, room});
  }
  std::stable_sort(rooms.begin(), rooms.end(),
                   [](const Room& a, const Room& b) { return a.workers < b.workers; });
  return rooms;
}

void ElasticPlaces::take(Placement& placement, const Room& room, const ResourceRequest& each,
                         std::int32_t workers) {
  const NodeState node{facts_.nodes[room.node], rows_[room.node], room.node};
  NodeShare share = worker_share(node, each, first_idle_gpus(node, workers * each.gpus));
  share.workers = workers;
  share.cpu_milli = workers * each.cpu_milli;
  share.memory = std::int64_t{workers} * each.memory;
  plimsoll::take(rows_[room.node], share);
  placement.shares.push_back(share);
}

Placement ElasticPlaces::place(const JobView& job, std::int32_t least, std::int32_t workers) {
  Placement placement = place_up_to(job, workers);
  std::int32_t placed = 0;
  for (const NodeShare& share : placement.shares) placed += share.workers;
  if (placed >= least) return placement;
  release(placement.shares);
  return Placement::not_now(Reason::no_free_gpus, static_cast<std::uint32_t>(least - placed));
}

Placement ElasticPlaces::place_up_to(const JobView& job, std::int32_t workers) {
  const ResourceRequest& each = job.gang.front().each;
  std::vector<Room> rooms = rooms_for(each);
  if (rooms.empty()) return Placement::not_now(Reason::no_free_gpus);
  const auto just_fits = [&] {
    return std::find_if(rooms.begin(), rooms.end(),
                        [&](const Room& room) { return room.workers >= workers; });
  };
  Placement placement;
  if (const auto alone = just_fits(); alone != rooms.end()) {
    take(placement, *alone, each, workers);
    return placement;
  }
  const Room largest = rooms.back();
  std::erase_if(rooms, [&](const Room& room) { return joined_[room.node] > 0; });
  const bool spread =
      rooms.size() > 1 && rooms.back().workers + rooms[rooms.size() - 2].workers > largest.workers;
  if (!spread) {
    take(placement, largest, each, largest.workers);
    return placement;
  }
  while (workers > 0 && !rooms.empty()) {
    auto next = just_fits();
    if (next == rooms.end()) --next;
    const std::int32_t here = std::min(workers, next->workers);
    take(placement, *next, each, here);
    ++joined_[next->node];
    workers -= here;
    rooms.erase(next);
  }
  return placement;
}

}  // namespace plimsoll
