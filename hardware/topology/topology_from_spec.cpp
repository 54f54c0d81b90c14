#include "hardware/topology/topology_from_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace plimsoll {
namespace {

/// The share of `count` things that thing `i` falls to when dealt evenly and in order: which of
/// `among`.
std::size_t dealt_to(std::size_t i, std::size_t count, std::size_t among) {
  return i * among / count;
}

class SpecTopology {
 public:
  SpecTopology(const NodeSpec& node, const ConfigNode& root, const FindLink& find_link)
      : node_(node),
        spec_(*node.topology),
        root_(root),
        find_link_(find_link),
        builder_(node.name, root.at.source) {}

  NodeTopology build() {
    add_cpus();
    add_switches();
    gpus_ = add_leaves(DeviceKind::gpu, "gpu", node_.gpus.value, "gpu_link", spec_.gpu_link);
    nics_ = add_leaves(DeviceKind::nic, "nic", spec_.nics.value, "nic_link", spec_.nic_link);
    add_network();
    if (spec_.scale_up) add_scale_up(*spec_.scale_up);
    return builder_.finish();
  }

 private:
  Position at(const std::string& key) const { return position_of(root_, "topology." + key); }

  /// The link that `name` stands for; a fault and nothing where it is not stated or not known.
  std::optional<LinkSpec> link(const std::string& key, const std::optional<std::string>& name,
                               const std::string& needed_by) {
    if (!name) {
      builder_.fault(at(key), fmt::format("topology.{} is missing: {} need it.", key, needed_by));
      return {};
    }
    try {
      return find_link_(*name, at(key));
    } catch (const ConfigError& error) {
      for (const Fault& fault : error.faults()) builder_.fault(fault.at, fault.message);
      return {};
    }
  }
  void join(DeviceId a, DeviceId b, const LinkSpec& link, std::int32_t links,
            const std::string& key) {
    builder_.connect(
        a, b,
        {link.kind, link.bandwidth.value * static_cast<double>(links), link.latency.value, links},
        at(key));
  }
  std::vector<DeviceId> add(DeviceKind kind, const std::string& name, std::int32_t count,
                            const std::string& model) {
    std::vector<DeviceId> ids;
    for (std::int32_t i = 0; i < count; ++i) {
      TopologyDevice device;
      device.kind = kind;
      device.name = fmt::format("{}{}", name, i);
      device.model = model;
      ids.push_back(builder_.add(std::move(device), at("")));
    }
    return ids;
  }

  void add_cpus() {
    cpus_ = add(DeviceKind::cpu, "cpu", spec_.cpus.value, spec_.cpu_name);
    if (cpus_.size() < 2) return;
    const auto between = link("cpu_link", spec_.cpu_link, "two CPUs");
    if (!between) return;
    for (std::size_t a = 0; a < cpus_.size(); ++a)
      for (std::size_t b = a + 1; b < cpus_.size(); ++b)
        join(cpus_[a], cpus_[b], *between, spec_.cpu_links, "cpu_link");
  }

  void add_switches() {
    switches_ = add(DeviceKind::pcie_switch, "switch", spec_.pcie_switches.value, "");
    if (switches_.empty()) return;
    const auto up = link("switch_link", spec_.switch_link, "PCIe switches");
    if (!up) return;
    for (std::size_t i = 0; i < switches_.size(); ++i)
      join(switches_[i], cpus_[dealt_to(i, switches_.size(), cpus_.size())], *up, 1, "switch_link");
  }

  /// GPUs or NICs, dealt to PCIe switches, or to CPUs where there are none.
  std::vector<DeviceId> add_leaves(DeviceKind kind, const std::string& name, std::int32_t count,
                                   const std::string& key,
                                   const std::optional<std::string>& link_name) {
    const std::vector<DeviceId> ids =
        add(kind, name, count, kind == DeviceKind::gpu ? node_.gpu : spec_.nic.value_or(""));
    if (ids.empty()) return ids;
    const std::vector<DeviceId>& hubs = switches_.empty() ? cpus_ : switches_;
    if (const auto down = link(key, link_name, name + "s"))
      for (std::size_t i = 0; i < ids.size(); ++i)
        join(ids[i], hubs[dealt_to(i, ids.size(), hubs.size())], *down, 1, key);
    return ids;
  }

  void add_network() {
    if (nics_.empty()) return;
    const auto cable = link("nic", spec_.nic, "NICs");
    if (!cable) return;
    TopologyDevice device;
    device.kind = DeviceKind::network;
    device.name = "network";
    const DeviceId network = builder_.add(std::move(device), at("nic"));
    for (const DeviceId nic : nics_) join(nic, network, *cable, 1, "nic");
  }

  void add_scale_up(const ScaleUpSpec& scale_up) {
    const auto lane = link("scale_up.link", scale_up.link, "GPUs");
    if (!lane) return;
    builder_.nvlink_nodes(scale_up.nodes);
    if (scale_up.kind == ScaleUpKind::nvswitch) join_by_switches(scale_up, *lane);
    if (scale_up.kind == ScaleUpKind::mesh) join_each_with_each(scale_up, *lane);
    if (scale_up.kind == ScaleUpKind::bridges) join_by_bridges(scale_up, *lane);
  }

  void join_by_switches(const ScaleUpSpec& scale_up, const LinkSpec& lane) {
    if (scale_up.switches < 1)
      return builder_.fault(at("scale_up.switches"),
                            "topology.scale_up.switches = 0: kind nvswitch needs at least 1.");
    const auto chips = add(DeviceKind::nvswitch, "nvswitch", scale_up.switches, "");
    const auto count = static_cast<std::int32_t>(chips.size());
    for (const DeviceId gpu : gpus_) {
      for (std::int32_t chip = 0; chip < count; ++chip) {
        const std::int32_t links =
            scale_up.links.value / count + (chip < scale_up.links.value % count ? 1 : 0);
        if (links > 0)
          join(gpu, chips[static_cast<std::size_t>(chip)], lane, links, "scale_up.links");
      }
    }
  }

  void join_each_with_each(const ScaleUpSpec& scale_up, const LinkSpec& lane) {
    const auto others = static_cast<std::int32_t>(gpus_.size()) - 1;
    if (others < 1 || scale_up.links.value % others != 0)
      return builder_.fault(
          at("scale_up.links"),
          fmt::format("topology.scale_up.links = {} cannot be shared evenly by {} other GPUs.",
                      scale_up.links.value, std::max(0, others)));
    for (std::size_t a = 0; a < gpus_.size(); ++a)
      for (std::size_t b = a + 1; b < gpus_.size(); ++b)
        join(gpus_[a], gpus_[b], lane, scale_up.links.value / others, "scale_up.links");
  }

  void join_by_bridges(const ScaleUpSpec& scale_up, const LinkSpec& lane) {
    for (std::size_t i = 0; i < scale_up.bridges.size(); ++i) {
      const BridgeSpec& bridge = scale_up.bridges[i];
      const std::string key = fmt::format("scale_up.bridges[{}]", i);
      const auto outside = [&](std::int32_t gpu) {
        return gpu >= static_cast<std::int32_t>(gpus_.size());
      };
      if (bridge.gpus.size() != 2 || std::any_of(bridge.gpus.begin(), bridge.gpus.end(), outside)) {
        builder_.fault(at(key), fmt::format("topology.{} joins [{}]; a bridge joins two GPUs of "
                                            "0 to {}.",
                                            key, fmt::join(bridge.gpus, ", "),
                                            static_cast<std::int32_t>(gpus_.size()) - 1));
        continue;
      }
      join(gpus_[static_cast<std::size_t>(bridge.gpus[0])],
           gpus_[static_cast<std::size_t>(bridge.gpus[1])], lane, bridge.links, key);
    }
  }

  const NodeSpec& node_;
  const NodeTopologySpec& spec_;
  const ConfigNode& root_;
  const FindLink& find_link_;
  TopologyBuilder builder_;
  std::vector<DeviceId> cpus_;
  std::vector<DeviceId> switches_;
  std::vector<DeviceId> gpus_;
  std::vector<DeviceId> nics_;
};

}  // namespace

NodeTopology topology_from_spec(const NodeSpec& node, const ConfigNode& root,
                                const FindLink& find_link) {
  if (!node.topology)
    throw ConfigError(root.at, fmt::format("node type {} states no topology; add `topology:` to "
                                           "its file.",
                                           node.name));
  return SpecTopology(node, root, find_link).build();
}

}  // namespace plimsoll
