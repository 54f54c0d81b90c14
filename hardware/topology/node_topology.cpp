#include "hardware/topology/node_topology.hpp"

#include <fmt/format.h>

#include <boost/graph/connected_components.hpp>
#include <boost/range/iterator_range.hpp>
#include <utility>

#include "core/config/scalar_text.hpp"
#include "hardware/topology/named_values.hpp"

namespace plimsoll {
namespace {

constexpr std::size_t kKinds = 6;
constexpr NamedValues<DeviceKind, kKinds> kNames{
    {"gpu", "nvswitch", "pcie_switch", "cpu", "nic", "network"}};

}  // namespace

std::string_view device_kind_name(DeviceKind kind) { return kNames.name(kind); }

NodeTopology::NodeTopology(std::string name, const TopologyGraph& graph, std::int32_t nvlink_nodes)
    : name_(std::move(name)), graph_(graph), nvlink_nodes_(nvlink_nodes), of_(kKinds) {
  for (DeviceId id = 0; id < size(); ++id)
    of_[static_cast<std::size_t>(graph_[id].kind)].push_back(id);
}

const std::vector<DeviceId>& NodeTopology::of(DeviceKind kind) const {
  return of_[static_cast<std::size_t>(kind)];
}

TopologyBuilder::TopologyBuilder(std::string name, std::string source)
    : name_(std::move(name)), source_{std::move(source), 0, 0}, counts_(kKinds) {}

DeviceId TopologyBuilder::add(TopologyDevice device, const Position& at) {
  const auto [known, is_new] = names_.emplace(device.name, at);
  if (!is_new) {
    fault(at, fmt::format("device \"{}\" is there twice, first at {}; give each a name of its own.",
                          device.name, known->second.text()));
  }
  device.index = counts_[static_cast<std::size_t>(device.kind)]++;
  pcie_parent_.push_back(pcie_parent_.size());
  return boost::add_vertex(device, graph_);
}

DeviceId TopologyBuilder::root(DeviceId id) {
  while (pcie_parent_[id] != id) id = pcie_parent_[id] = pcie_parent_[pcie_parent_[id]];
  return id;
}

void TopologyBuilder::connect(DeviceId a, DeviceId b, TopologyLink link, const Position& at) {
  const std::string& from = graph_[a].name;
  const std::string& to = graph_[b].name;
  if (a == b) return fault(at, fmt::format("{} has a link to itself.", from));
  if (!(link.bandwidth.count() > 0))
    return fault(at, fmt::format("the {} link of {} and {} has no bandwidth.",
                                 link_kind_name(link.kind), from, to));
  for (const auto edge : boost::make_iterator_range(boost::out_edges(a, graph_))) {
    if (boost::target(edge, graph_) != b || graph_[edge].kind != link.kind) continue;
    if (graph_[edge] == link) return;  // said again, from the other end
    return fault(
        at,
        fmt::format("{} and {} are joined by {} {} links of {} in all, and by {} of {}: which?",
                    from, to, graph_[edge].links, link_kind_name(link.kind),
                    scalar_text(graph_[edge].bandwidth), link.links, scalar_text(link.bandwidth)));
  }
  if (link.kind == LinkKind::pcie) {
    if (root(a) == root(b))
      return fault(at, fmt::format("PCIe leads in a circle: {} and {} are joined already; PCIe is "
                                   "a tree.",
                                   from, to));
    pcie_parent_[root(a)] = root(b);
  }
  boost::add_edge(a, b, link, graph_);
}

void TopologyBuilder::fault(Position at, std::string message) {
  faults_.push_back({std::move(at), std::move(message)});
}

void TopologyBuilder::check_reachable() {
  std::vector<std::size_t> part(boost::num_vertices(graph_));
  boost::connected_components(graph_, part.data());
  DeviceId first = part.size();
  for (DeviceId id = 0; id < part.size(); ++id) {
    if (graph_[id].kind != DeviceKind::gpu) continue;
    if (first == part.size()) first = id;
    if (part[id] == part[first]) continue;
    fault(names_.at(graph_[id].name),
          fmt::format("{} and {} are joined by nothing.", graph_[first].name, graph_[id].name));
  }
}

NodeTopology TopologyBuilder::finish() {
  if (boost::num_vertices(graph_) == 0) fault(source_, "the topology has no device.");
  if (faults_.empty()) check_reachable();
  if (!faults_.empty()) throw ConfigError(std::move(faults_));
  return NodeTopology(name_, graph_, nvlink_nodes_);
}

}  // namespace plimsoll
