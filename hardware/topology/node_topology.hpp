// The devices of one node and the links between them: a Boost graph, and the one way to make it.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/quantity.hpp"
#include "hardware/topology/link_spec.hpp"

namespace plimsoll {

/// `network` stands for all that a NIC's cable leads to.
enum class DeviceKind : std::uint8_t { gpu, nvswitch, pcie_switch, cpu, nic, network };

std::string_view device_kind_name(DeviceKind kind);

/// One vertex.
struct TopologyDevice {
  DeviceKind kind = DeviceKind::gpu;
  std::int32_t index = 0;     ///< among those of its kind, in the order added
  std::string name;           ///< unique in its node: "gpu3", "0000:1b:00.0"
  std::string model{};        ///< "nvidia_h100_sxm", as far as its source tells
  std::string pci_address{};  ///< "0000:1b:00.0" or empty
  std::string uuid{};         ///< "GPU-..." or empty

  friend bool operator==(const TopologyDevice&, const TopologyDevice&) = default;
};

/// One edge: a bundle of parallel links of one kind.
struct TopologyLink {
  LinkKind kind = LinkKind::pcie;
  BytesPerSecond bandwidth{};  ///< of the bundle in each direction
  Duration latency{};
  std::int32_t links = 1;  ///< in the bundle

  friend bool operator==(const TopologyLink&, const TopologyLink&) = default;
};

using TopologyGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS,
                                            TopologyDevice, TopologyLink>;
using DeviceId = std::size_t;  ///< a vertex of the graph

/// A whole topology: made by a TopologyBuilder, never changed.
class NodeTopology {
 public:
  NodeTopology(std::string name, const TopologyGraph& graph, std::int32_t nvlink_nodes = 1);

  const std::string& name() const { return name_; }
  const TopologyGraph& graph() const { return graph_; }
  const TopologyDevice& device(DeviceId id) const { return graph_[id]; }
  std::size_t size() const { return boost::num_vertices(graph_); }
  /// In the order added.
  const std::vector<DeviceId>& of(DeviceKind kind) const;
  const std::vector<DeviceId>& gpus() const { return of(DeviceKind::gpu); }
  /// Nodes that the NVSwitches join, this one included.
  std::int32_t nvlink_nodes() const { return nvlink_nodes_; }

 private:
  std::string name_;
  TopologyGraph graph_;
  std::int32_t nvlink_nodes_;
  std::vector<std::vector<DeviceId>> of_;
};

/// Adds devices and links and collects what contradicts: a name given twice, a link from a device
/// to itself, two statements about one link, PCIe that leads in a circle, GPUs that nothing
/// connects.
class TopologyBuilder {
 public:
  /// `source` names the topology in messages that have no better place: a file's path.
  TopologyBuilder(std::string name, std::string source);

  /// `device.index` is set here.
  DeviceId add(TopologyDevice device, const Position& at);
  void connect(DeviceId a, DeviceId b, TopologyLink link, const Position& at);
  void fault(Position at, std::string message);
  void nvlink_nodes(std::int32_t nodes) { nvlink_nodes_ = nodes; }

  const TopologyGraph& graph() const { return graph_; }
  bool has_faults() const { return !faults_.empty(); }
  /// Throws ConfigError with all faults.
  NodeTopology finish();

 private:
  DeviceId root(DeviceId id);
  void check_reachable();

  std::string name_;
  Position source_;
  TopologyGraph graph_;
  std::int32_t nvlink_nodes_ = 1;
  std::vector<std::int32_t> counts_;
  std::vector<DeviceId> pcie_parent_;  ///< of each device, in the forest of PCIe links
  std::map<std::string, Position> names_;
  std::vector<Fault> faults_;
};

}  // namespace plimsoll
