#include "hardware/topology/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <boost/range/iterator_range.hpp>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "hardware/topology/ring_search.hpp"

namespace plimsoll {
namespace {

using Edge = boost::graph_traits<TopologyGraph>::edge_descriptor;
constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool forwards(DeviceKind kind) {
  return kind == DeviceKind::nvswitch || kind == DeviceKind::pcie_switch || kind == DeviceKind::cpu;
}

struct ScaleUpLinks {
  const TopologyGraph* graph = nullptr;
  bool operator()(const Edge& edge) const { return is_scale_up((*graph)[edge].kind); }
};

/// Leaves out devices that do not forward, but for the two ends of a route.
struct Passable {
  const TopologyGraph* graph = nullptr;
  DeviceId from = 0;
  DeviceId to = 0;
  bool operator()(DeviceId id) const {
    return id == from || id == to || forwards((*graph)[id].kind);
  }
};
using RouteGraph = boost::filtered_graph<TopologyGraph, boost::keep_all, Passable>;

std::vector<std::int64_t> latencies_from(const TopologyGraph& graph, const Passable& passable,
                                         DeviceId source) {
  const RouteGraph view(graph, boost::keep_all{}, passable);
  std::vector<std::int64_t> distance(boost::num_vertices(graph), kFar);
  const auto weight = boost::make_function_property_map<Edge>(
      [&graph](const Edge& edge) { return to_ns(graph[edge].latency); });
  boost::dijkstra_shortest_paths(view, source,
                                 boost::weight_map(weight).distance_map(distance.data()));
  return distance;
}

BytesPerSecond alone(const std::vector<RouteShare>& shares) {
  double rate = kInfinity;
  for (const RouteShare& part : shares) rate = std::min(rate, part.capacity.count() / part.share);
  return BytesPerSecond{rate};
}

double least_rate(const NodeTopology& topology, const std::vector<Flow>& flows) {
  double least = kInfinity;
  for (const BytesPerSecond rate : shared_rates(topology, flows))
    least = std::min(least, rate.count());
  return least;
}

BytesPerSecond total_rate(const NodeTopology& topology, const std::vector<Flow>& flows) {
  BytesPerSecond total{0};
  for (const BytesPerSecond rate : shared_rates(topology, flows)) total += rate;
  return total;
}

/// All that are as near as the nearest.
std::vector<DeviceId> nearest_nics(const NodeTopology& topology, DeviceId gpu) {
  std::vector<DeviceId> nearest;
  Duration least{kFar};
  for (const DeviceId nic : topology.of(DeviceKind::nic)) {
    const Route way = route_between(topology, gpu, nic);
    if (!way.exists() || way.latency > least) continue;
    if (way.latency < least) nearest.clear();
    least = way.latency;
    nearest.push_back(nic);
  }
  return nearest;
}

}  // namespace

std::vector<std::vector<DeviceId>> scale_up_islands(const NodeTopology& topology) {
  const boost::filtered_graph view(topology.graph(), ScaleUpLinks{&topology.graph()});
  std::vector<std::size_t> part(topology.size());
  boost::connected_components(view, part.data());
  std::vector<std::vector<DeviceId>> islands;
  std::map<std::size_t, std::size_t> of_part;
  for (const DeviceId gpu : topology.gpus()) {
    const auto [known, is_new] = of_part.emplace(part[gpu], islands.size());
    if (is_new) islands.emplace_back();
    islands[known->second].push_back(gpu);
  }
  return islands;
}

Route route_between(const NodeTopology& topology, DeviceId from, DeviceId to) {
  Route route;
  if (from == to) {
    route.bandwidth = BytesPerSecond{kInfinity};
    return route;
  }
  const TopologyGraph& graph = topology.graph();
  const Passable passable{&graph, from, to};
  const auto before = latencies_from(graph, passable, from);
  const auto after = latencies_from(graph, passable, to);
  if (before[to] == kFar) return route;
  std::vector<DeviceId> order(topology.size());
  std::iota(order.begin(), order.end(), DeviceId{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](DeviceId a, DeviceId b) { return before[a] < before[b]; });
  std::vector<double> through(topology.size(), 0.0);
  through[from] = 1;
  for (const DeviceId id : order) {
    if (!(through[id] > 0) || id == to) continue;
    const std::size_t first = route.shares.size();
    double onward = 0;
    for (const Edge edge : boost::make_iterator_range(boost::out_edges(id, graph))) {
      const DeviceId next = boost::target(edge, graph);
      if (!passable(next) || after[next] == kFar ||
          before[id] + to_ns(graph[edge].latency) + after[next] != before[to])
        continue;
      onward += graph[edge].bandwidth.count();
      route.shares.push_back({id, next, graph[edge].kind, graph[edge].bandwidth, 0});
    }
    for (std::size_t i = first; i < route.shares.size(); ++i) {
      RouteShare& part = route.shares[i];
      part.share = through[id] * part.capacity.count() / onward;
      through[part.to] += part.share;
    }
  }
  route.latency = Duration{before[to]};
  route.bandwidth = alone(route.shares);
  return route;
}

std::string connection_label(const NodeTopology& topology, DeviceId a, DeviceId b) {
  if (a == b) return "X";
  const Route way = route_between(topology, a, b);
  if (!way.exists()) return "-";
  std::int32_t links = 0;
  bool fabric = false;
  std::size_t switches = 0;
  std::size_t cpus = 0;
  for (const RouteShare& part : way.shares) {
    fabric = fabric || part.kind == LinkKind::infinity_fabric;
    if (part.from == a && is_scale_up(part.kind))
      for (const Edge edge : boost::make_iterator_range(boost::out_edges(a, topology.graph())))
        if (boost::target(edge, topology.graph()) == part.to &&
            is_scale_up(topology.graph()[edge].kind))
          links += topology.graph()[edge].links;
    if (topology.device(part.to).kind == DeviceKind::pcie_switch) ++switches;
    if (topology.device(part.to).kind == DeviceKind::cpu) ++cpus;
  }
  if (links > 0) return fabric ? "XGMI" : fmt::format("NV{}", links);
  if (cpus > 1) return "SYS";
  if (cpus == 1) return "PHB";
  return switches > 1 ? "PXB" : "PIX";
}

BytesPerSecond group_bandwidth(const NodeTopology& topology, std::span<const DeviceId> gpus) {
  if (gpus.size() < 2) return BytesPerSecond{kInfinity};
  std::vector<Flow> all;
  for (const DeviceId from : gpus)
    for (const DeviceId to : gpus)
      if (from != to) all.push_back({from, to});
  const double others = static_cast<double>(gpus.size() - 1);
  return std::max(ring_bandwidth(topology, gpus),
                  BytesPerSecond{least_rate(topology, all) * others});
}

BytesPerSecond scale_up_bandwidth(const NodeTopology& topology, DeviceId gpu) {
  BytesPerSecond sum{0};
  for (const Edge edge : boost::make_iterator_range(boost::out_edges(gpu, topology.graph())))
    if (is_scale_up(topology.graph()[edge].kind)) sum += topology.graph()[edge].bandwidth;
  return sum;
}

bool in_one_island(const NodeTopology& topology, std::span<const DeviceId> gpus) {
  for (const std::vector<DeviceId>& island : scale_up_islands(topology)) {
    const auto in = [&](DeviceId gpu) {
      return std::find(island.begin(), island.end(), gpu) != island.end();
    };
    if (std::all_of(gpus.begin(), gpus.end(), in)) return true;
  }
  return false;
}

BytesPerSecond network_bandwidth(const NodeTopology& topology, std::span<const DeviceId> gpus) {
  const auto& networks = topology.of(DeviceKind::network);
  if (networks.empty()) return BytesPerSecond{0};
  std::vector<Flow> to_nics;
  for (const DeviceId gpu : gpus)
    for (const DeviceId nic : nearest_nics(topology, gpu)) to_nics.push_back({gpu, nic});
  std::vector<Flow> out;
  for (const DeviceId nic : topology.of(DeviceKind::nic))
    if (std::any_of(to_nics.begin(), to_nics.end(), [&](const Flow& f) { return f.to == nic; }))
      out.push_back({nic, networks.front()});
  return std::min(total_rate(topology, to_nics), total_rate(topology, out));
}

}  // namespace plimsoll
