// Where the nodes of a cluster stand: racks, leaves, spines, fabric pods, NVLink domains. Light:
// node types are shared, and a node is six numbers, so that 12,500 nodes are no graph of 100,000
// GPUs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/node_spec.hpp"
#include "hardware/topology/collective_cost.hpp"
#include "hardware/topology/fabric_spec.hpp"
#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

/// A node type with its graph, where it states one.
struct NodeTemplate {
  NodeSpec spec;
  std::optional<NodeTopology> topology{};
};

/// From near to far. A rack is a place, not a part of the network: traffic between racks goes
/// through leaves.
enum class FabricLevel : std::uint8_t {
  node,
  nvlink_domain,
  rack,
  leaf,
  spine,
  fabric_pod,
  cluster
};
inline constexpr std::int32_t kFabricLevels = 7;

std::string_view level_name(FabricLevel level);

/// Nodes of one type on one fabric, numbered on from those added before.
struct NodeGroup {
  std::string name;  ///< of the group; nodes are called <name>-<number within the group>
  NodeTemplate type;
  FabricSpec fabric;
  std::int32_t nodes = 0;
};

/// Some GPUs of one node, by their index in the node.
struct PlacedGpus {
  std::int32_t node = 0;
  std::vector<std::int32_t> gpus;
};

class ClusterTopology {
 public:
  /// Groups do not share racks or switches. Throws ConfigError at `at` for a group without nodes or
  /// a name used before.
  void add(NodeGroup group, const Position& at);

  std::int32_t nodes() const { return static_cast<std::int32_t>(places_.size()); }
  std::int32_t gpus() const { return gpus_; }
  const NodeTemplate& type_of(std::int32_t node) const { return group_of(node).type; }
  const FabricSpec& fabric_of(std::int32_t node) const { return group_of(node).fabric; }
  std::string node_name(std::int32_t node) const;

  /// Domains of a level are numbered from 0 over the whole cluster; of level `node` they are the
  /// nodes.
  std::int32_t domain(FabricLevel level, std::int32_t node) const {
    return places_[static_cast<std::size_t>(node)].domain[static_cast<std::size_t>(level)];
  }
  std::int32_t domains(FabricLevel level) const;
  /// The nodes of a domain: consecutive ones, first and one past the last.
  struct Range {
    std::int32_t begin = 0;
    std::int32_t end = 0;
  };
  Range nodes_of(FabricLevel level, std::int32_t domain) const;
  /// "leaf-12"
  std::string domain_name(FabricLevel level, std::int32_t domain) const;
  /// What a scheduler finds on the node: "topology.plimsoll.dev/rack": "rack-3", and likewise leaf,
  /// spine, fabric-pod and nvlink-domain.
  std::map<std::string, std::string> labels(std::int32_t node) const;

  /// The nearest level that holds all of the nodes, racks left out.
  FabricLevel span(std::span<const std::int32_t> nodes) const;

  /// What a node of the group can send to a node across `level` while every node does: its NICs'
  /// rate over what the fabric is oversubscribed by on the way. 0 where the node type tells no
  /// network.
  BytesPerSecond network_bandwidth(FabricLevel level, const PlacedGpus& on_node) const;

  /// A group as placed. Throws ConfigError at `at`: no GPU, a node or GPU that is not there, one
  /// named twice.
  CollectiveGroup group(std::span<const PlacedGpus> placed, const Position& at = {}) const;

 private:
  struct Place {
    std::int32_t group = 0;
    std::int32_t in_group = 0;
    std::int32_t domain[kFabricLevels] = {};
  };
  const NodeGroup& group_of(std::int32_t node) const {
    return groups_[static_cast<std::size_t>(places_[static_cast<std::size_t>(node)].group)];
  }
  void check(std::span<const PlacedGpus> placed, const Position& at) const;
  void fill_inside(const PlacedGpus& fullest, CollectiveGroup& group) const;

  std::vector<NodeGroup> groups_;
  std::vector<Place> places_;
  std::vector<std::int32_t> first_node_[kFabricLevels];  ///< of each domain
  std::int32_t gpus_ = 0;
};

}  // namespace plimsoll
