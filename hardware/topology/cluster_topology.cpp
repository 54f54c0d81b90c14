#include "hardware/topology/cluster_topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "hardware/topology/named_values.hpp"
#include "hardware/topology/routes.hpp"

namespace plimsoll {
namespace {

constexpr NamedValues<FabricLevel, kFabricLevels> kNames{
    {"node", "nvlink_domain", "rack", "leaf", "spine", "fabric_pod", "cluster"}};
constexpr std::string_view kLabelPrefix = "topology.plimsoll.dev/";

std::size_t index_of(FabricLevel level) { return static_cast<std::size_t>(level); }

/// Nodes per domain of each level; 0: all of them.
std::vector<std::int64_t> nodes_per_domain(const FabricSpec& fabric) {
  const std::int64_t leaf = fabric.nodes_per_leaf.value;
  const std::int64_t spine = leaf * fabric.leaves_per_spine.value;
  return {1,
          fabric.nodes_per_nvlink_domain,
          fabric.nodes_per_rack.value,
          leaf,
          spine,
          spine * fabric.spines_per_pod.value,
          0};
}

/// Switches that traffic across a level crosses beyond the first leaf.
std::int64_t extra_switches(FabricLevel level) {
  if (level <= FabricLevel::leaf) return 0;
  if (level == FabricLevel::spine) return 2;
  return level == FabricLevel::fabric_pod ? 4 : 6;
}

double oversubscription(const FabricSpec& fabric, FabricLevel level) {
  double by = 1;
  if (level >= FabricLevel::spine) by *= fabric.leaf_oversubscription.value;
  if (level >= FabricLevel::fabric_pod) by *= fabric.spine_oversubscription.value;
  if (level >= FabricLevel::cluster) by *= fabric.pod_oversubscription.value;
  return by;
}

std::vector<DeviceId> devices_of(const NodeTopology& topology,
                                 const std::vector<std::int32_t>& gpus) {
  std::vector<DeviceId> ids;
  for (const std::int32_t gpu : gpus) ids.push_back(topology.gpus()[static_cast<std::size_t>(gpu)]);
  return ids;
}

}  // namespace

std::string_view level_name(FabricLevel level) { return kNames.name(level); }

void ClusterTopology::add(NodeGroup group, const Position& at) {
  if (group.nodes < 1)
    throw ConfigError(
        at, fmt::format("group {} has {} nodes; write at least 1.", group.name, group.nodes));
  for (const NodeGroup& other : groups_)
    if (other.name == group.name)
      throw ConfigError(at, fmt::format("there is a group {} already.", group.name));
  const std::vector<std::int64_t> per_domain = nodes_per_domain(group.fabric);
  for (std::int32_t i = 0; i < group.nodes; ++i) {
    Place place;
    place.group = static_cast<std::int32_t>(groups_.size());
    place.in_group = i;
    for (std::size_t level = 0; level < kFabricLevels; ++level) {
      auto& first = first_node_[level];
      const bool begins =
          level == index_of(FabricLevel::cluster) ? first.empty() : i % per_domain[level] == 0;
      if (begins) first.push_back(nodes());
      place.domain[level] = static_cast<std::int32_t>(first.size()) - 1;
    }
    places_.push_back(place);
  }
  gpus_ += group.nodes * group.type.spec.gpus.value;
  groups_.push_back(std::move(group));
}

std::string ClusterTopology::node_name(std::int32_t node) const {
  return fmt::format("{}-{}", group_of(node).name,
                     places_[static_cast<std::size_t>(node)].in_group);
}

std::int32_t ClusterTopology::domains(FabricLevel level) const {
  return static_cast<std::int32_t>(first_node_[index_of(level)].size());
}

ClusterTopology::Range ClusterTopology::nodes_of(FabricLevel level, std::int32_t domain) const {
  const auto& first = first_node_[index_of(level)];
  const auto at = static_cast<std::size_t>(domain);
  return {first[at], at + 1 < first.size() ? first[at + 1] : nodes()};
}

std::string ClusterTopology::domain_name(FabricLevel level, std::int32_t domain) const {
  if (level == FabricLevel::node) return node_name(domain);
  std::string name(level_name(level));
  std::replace(name.begin(), name.end(), '_', '-');
  return fmt::format("{}-{}", name, domain);
}

std::map<std::string, std::string> ClusterTopology::labels(std::int32_t node) const {
  std::map<std::string, std::string> labels;
  for (const FabricLevel level : {FabricLevel::nvlink_domain, FabricLevel::rack, FabricLevel::leaf,
                                  FabricLevel::spine, FabricLevel::fabric_pod}) {
    std::string key(level_name(level));
    std::replace(key.begin(), key.end(), '_', '-');
    labels.emplace(std::string(kLabelPrefix) + key, domain_name(level, domain(level, node)));
  }
  return labels;
}

FabricLevel ClusterTopology::span(std::span<const std::int32_t> nodes) const {
  for (const FabricLevel level : {FabricLevel::node, FabricLevel::nvlink_domain, FabricLevel::leaf,
                                  FabricLevel::spine, FabricLevel::fabric_pod}) {
    if (std::all_of(nodes.begin(), nodes.end(), [&](std::int32_t node) {
          return domain(level, node) == domain(level, nodes.front());
        }))
      return level;
  }
  return FabricLevel::cluster;
}

BytesPerSecond ClusterTopology::network_bandwidth(FabricLevel level,
                                                  const PlacedGpus& on_node) const {
  const NodeTemplate& type = type_of(on_node.node);
  const FabricSpec& fabric = fabric_of(on_node.node);
  BytesPerSecond out{0};
  if (type.topology)
    out = plimsoll::network_bandwidth(*type.topology, devices_of(*type.topology, on_node.gpus));
  if (!(out.count() > 0) && type.spec.network_bandwidth)
    out = type.spec.network_bandwidth->value * static_cast<double>(on_node.gpus.size());
  return out * fabric.efficiency.value / oversubscription(fabric, level);
}

void ClusterTopology::check(std::span<const PlacedGpus> placed, const Position& at) const {
  std::set<std::pair<std::int32_t, std::int32_t>> taken;
  for (const PlacedGpus& part : placed) {
    if (part.node < 0 || part.node >= nodes())
      throw ConfigError(at, fmt::format("there is no node {}; there are {}.", part.node, nodes()));
    const std::int32_t gpus = type_of(part.node).spec.gpus.value;
    for (const std::int32_t gpu : part.gpus) {
      if (gpu < 0 || gpu >= gpus)
        throw ConfigError(
            at, fmt::format("{} has no GPU {}; it has {}.", node_name(part.node), gpu, gpus));
      if (!taken.emplace(part.node, gpu).second)
        throw ConfigError(
            at, fmt::format("GPU {} of {} is in the group twice.", gpu, node_name(part.node)));
    }
  }
  if (taken.empty()) throw ConfigError(at, "the group has no GPU.");
}

void ClusterTopology::fill_inside(const PlacedGpus& fullest, CollectiveGroup& group) const {
  const NodeTemplate& type = type_of(fullest.node);
  if (!type.topology) {
    group.one_island = type.spec.nvlink_island.value >= group.gpus_per_node;
    group.switched = group.one_island;
    return;
  }
  const NodeTopology& topology = *type.topology;
  const std::vector<DeviceId> ids = devices_of(topology, fullest.gpus);
  group.one_island = in_one_island(topology, ids);
  group.switched = !topology.of(DeviceKind::nvswitch).empty();
  const bool spans_nodes = group.gpus_per_node > static_cast<std::int32_t>(ids.size());
  group.gpu_bandwidth =
      spans_nodes ? scale_up_bandwidth(topology, ids.front()) : group_bandwidth(topology, ids);
}

CollectiveGroup ClusterTopology::group(std::span<const PlacedGpus> placed,
                                       const Position& at) const {
  check(placed, at);
  std::map<std::int32_t, std::vector<const PlacedGpus*>> units;  // by NVLink domain
  const PlacedGpus* fullest = nullptr;
  std::vector<std::int32_t> on;
  CollectiveGroup group;
  group.gpus = 0;
  for (const PlacedGpus& part : placed) {
    if (part.gpus.empty()) continue;
    units[domain(FabricLevel::nvlink_domain, part.node)].push_back(&part);
    on.push_back(part.node);
    group.gpus += static_cast<std::int32_t>(part.gpus.size());
    if (fullest == nullptr || part.gpus.size() > fullest->gpus.size()) fullest = &part;
  }
  group.nodes = static_cast<std::int32_t>(units.size());
  for (const auto& [domain, parts] : units) {
    std::size_t gpus = 0;
    for (const PlacedGpus* part : parts) gpus += part->gpus.size();
    group.gpus_per_node = std::max(group.gpus_per_node, static_cast<std::int32_t>(gpus));
  }
  fill_inside(*fullest, group);
  if (group.nodes == 1) return group;
  const FabricLevel level = span(on);
  const FabricSpec& fabric = fabric_of(on.front());
  group.steps = fabric.steps;
  group.network_latency = fabric.switch_latency.value * extra_switches(level);
  bool first = true;
  for (const auto& [domain, parts] : units) {
    BytesPerSecond out{0};
    for (const PlacedGpus* part : parts) out += network_bandwidth(level, *part);
    if (!(out.count() > 0))
      throw ConfigError(at, fmt::format("node type {} states no network (network_bandwidth, or "
                                        "NICs in its topology), and the group spans nodes.",
                                        type_of(parts.front()->node).spec.name));
    group.network = std::exchange(first, false) ? out : std::min(group.network, out);
  }
  return group;
}

}  // namespace plimsoll
