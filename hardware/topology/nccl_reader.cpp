// NCCL's topology XML: <system> of <cpu>s, each a tree of <pci> with <gpu> and <nic> at its leaves.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/config/suggest.hpp"
#include "hardware/topology/link_lookup.hpp"
#include "hardware/topology/topology_readers.hpp"
#include "hardware/topology/xml_text.hpp"

namespace plimsoll {
namespace {

constexpr std::string_view kGpuClass = "0x03";
constexpr std::string_view kNicClass = "0x02";
constexpr std::string_view kBridgeClass = "0x0604";
constexpr std::string_view kNvswitchClass = "0x0680";

class NcclReader {
 public:
  NcclReader(std::string text, const std::string& source, const TopologyLookup& lookup)
      : xml_(std::move(text), source), lookup_(lookup), builder_(source, source) {}

  NodeTopology read() {
    const pugi::xml_node system = xml_.root();
    if (std::string_view(system.name()) != "system")
      throw ConfigError(
          xml_.at(system),
          fmt::format("<{}> is no topology of NCCL; that begins with <system>.", system.name()));
    for (const pugi::xml_node cpu : elements(system, {"cpu"})) read_cpu(cpu);
    join_cpus(builder_, cpus_, vendor_, lookup_, xml_.at(system));
    for (const auto& [gpu, node] : bundles_) join_nvlink(gpu, node);
    if (network_) join_network();
    if (gpus_ == 0) builder_.fault(xml_.at(system), "there is no GPU (a pci of class 0x03....).");
    return builder_.finish();
  }

 private:
  std::vector<pugi::xml_node> elements(pugi::xml_node parent,
                                       const std::vector<std::string>& known) {
    std::vector<pugi::xml_node> children;
    for (const pugi::xml_node child : parent.children()) {
      if (child.type() != pugi::node_element) continue;
      if (std::find(known.begin(), known.end(), child.name()) == known.end()) {
        builder_.fault(xml_.at(child), fmt::format("<{}>: {}", parent.name(),
                                                   unknown_name("element", child.name(), known)));
        continue;
      }
      children.push_back(child);
    }
    return children;
  }
  /// As `link_speed` ("16 GT/s", "16.0 GT/s PCIe") and `link_width` state it. Virtual machines
  /// leave them empty; then it counts as PCIe 3.0 x16, as NCCL counts it.
  TopologyLink pcie_link(pugi::xml_node pci) {
    if (attribute(pci, "link_speed").empty()) return link_named(lookup_, "pcie_3_x16");
    std::vector<Fault> faults;
    const auto speed =
        number_attribute(pci, "link_speed", {" GT/s", " GT/s PCIe"}, xml_.at(pci), faults);
    const auto width = number_attribute(pci, "link_width", {}, xml_.at(pci), faults);
    for (Fault& fault : faults) builder_.fault(fault.at, std::move(fault.message));
    if (speed && width) return pcie_of(lookup_, pcie_rate(*speed, *width));
    return link_named(lookup_, "pcie_3_x16");
  }

  void read_cpu(pugi::xml_node node) {
    TopologyDevice device;
    device.kind = DeviceKind::cpu;
    device.name = fmt::format("numa{}", attribute(node, "numaid"));
    device.model = attribute(node, "vendor");
    vendor_ = attribute(node, "arch") == "arm64" ? "ARM" : device.model;
    const DeviceId cpu = builder_.add(std::move(device), xml_.at(node));
    cpus_.push_back(cpu);
    for (const pugi::xml_node child : elements(node, {"pci", "nic"})) {
      if (std::string_view(child.name()) == "pci") {
        read_pci(child, cpu);
      } else {
        for (const pugi::xml_node net : elements(child, {"net"})) add_bare_nic(net, cpu);
      }
    }
  }

  void read_pci(pugi::xml_node node, DeviceId parent) {
    const std::string_view kind = attribute(node, "class");
    TopologyDevice device;
    device.name = attribute(node, "busid");
    device.pci_address = device.name;
    device.model = attribute(node, "device");
    if (kind.starts_with(kGpuClass)) {
      device.kind = DeviceKind::gpu;
    } else if (kind.starts_with(kNicClass)) {
      device.kind = DeviceKind::nic;
    } else if (kind.starts_with(kBridgeClass)) {
      device.kind = DeviceKind::pcie_switch;
    } else if (kind.starts_with(kNvswitchClass)) {
      device.kind = DeviceKind::nvswitch;
    } else {
      return builder_.fault(
          xml_.at(node),
          fmt::format(
              "<pci busid=\"{}\"> is of class \"{}\"; known are 0x03.... (GPU), 0x02.... "
              "(network), 0x0604.. (PCIe switch) and 0x0680.. (NVSwitch). What a file leaves "
              "out NCCL asks the machine; write it out with NCCL_TOPO_DUMP_FILE.",
              device.name, kind));
    }
    if (device.name.empty())
      return builder_.fault(xml_.at(node), "<pci> has no busid to tell it from others.");
    const DeviceKind what = device.kind;
    const DeviceId id = builder_.add(device, xml_.at(node));
    by_bus_.emplace(device.name, id);
    builder_.connect(id, parent, pcie_link(node), xml_.at(node));
    if (what == DeviceKind::gpu) ++gpus_;
    read_below(node, id, what);
  }

  void read_below(pugi::xml_node node, DeviceId id, DeviceKind what) {
    for (const pugi::xml_node child : elements(node, {"pci", "gpu", "nic"})) {
      const std::string_view name = child.name();
      if (name == "pci") read_pci(child, id);
      if (name == "gpu" && what == DeviceKind::gpu) {
        for (const pugi::xml_node link : elements(child, {"nvlink", "xgmi", "c2c", "pcilink"}))
          if (std::string_view(link.name()) != "pcilink") bundles_.emplace_back(id, link);
      }
      if (name == "nic")
        for (const pugi::xml_node net : elements(child, {"net"})) read_net(net, id);
    }
  }

  /// A network device that no PCI address is known of.
  void add_bare_nic(pugi::xml_node net, DeviceId cpu) {
    TopologyDevice device;
    device.kind = DeviceKind::nic;
    device.name = attribute(net, "name");
    const DeviceId nic = builder_.add(std::move(device), xml_.at(net));
    builder_.connect(nic, cpu, link_named(lookup_, "pcie_3_x16"), xml_.at(net));
    read_net(net, nic);
  }

  /// `speed` counts Mbit/s.
  void read_net(pugi::xml_node node, DeviceId nic) {
    std::vector<Fault> faults;
    const auto speed = number_attribute(node, "speed", {}, xml_.at(node), faults);
    for (Fault& fault : faults) builder_.fault(fault.at, std::move(fault.message));
    if (!speed) return;
    nets_.push_back({nic, BytesPerSecond{*speed * 1e6 / 8}, xml_.at(node)});
    network_ = true;
  }

  void join_network() {
    TopologyDevice device;
    device.kind = DeviceKind::network;
    device.name = "network";
    const DeviceId network = builder_.add(std::move(device), nets_.front().at);
    for (const Net& net : nets_) {
      TopologyLink link = link_named(lookup_, "ethernet_100");
      link.bandwidth = net.rate;
      builder_.connect(net.nic, network, link, net.at);
    }
  }

  void join_nvlink(DeviceId gpu, pugi::xml_node node) {
    if (std::string_view(node.name()) == "c2c") return;  // to its CPU, which PCIe tells as well
    std::vector<Fault> faults;
    const auto count = number_attribute(node, "count", {}, xml_.at(node), faults);
    for (Fault& fault : faults) builder_.fault(fault.at, std::move(fault.message));
    if (!count) return;
    const std::string target(attribute(node, "target"));
    if (target == builder_.graph()[gpu].name) return;  // a virtual machine hides its other end
    auto known = by_bus_.find(target);
    if (known == by_bus_.end()) {
      if (!attribute(node, "tclass").starts_with(kNvswitchClass))
        return builder_.fault(xml_.at(node),
                              fmt::format("<{}> of {} leads to {}, which is not in the file.",
                                          node.name(), builder_.graph()[gpu].name, target));
      TopologyDevice device;
      device.kind = DeviceKind::nvswitch;
      device.name = target;
      known = by_bus_.emplace(target, builder_.add(std::move(device), xml_.at(node))).first;
    }
    std::int32_t all = 0;
    for (const pugi::xml_node link : node.parent().children())
      all += link.attribute("count").as_int();
    const auto links = static_cast<std::int32_t>(*count);
    const TopologyLink link = std::string_view(node.name()) == "xgmi"
                                  ? link_named(lookup_, "infinity_fabric_3", links)
                                  : nvlinks(lookup_, all, links);
    builder_.connect(gpu, known->second, link, xml_.at(node));
  }

  struct Net {
    DeviceId nic = 0;
    BytesPerSecond rate{};
    Position at;
  };

  XmlText xml_;
  const TopologyLookup& lookup_;
  TopologyBuilder builder_;
  std::string vendor_;
  std::vector<DeviceId> cpus_;
  std::map<std::string, DeviceId> by_bus_;
  std::vector<std::pair<DeviceId, pugi::xml_node>> bundles_;
  std::vector<Net> nets_;
  bool network_ = false;
  std::size_t gpus_ = 0;
};

}  // namespace

NodeTopology read_nccl_topology(std::string text, const std::string& source,
                                const TopologyLookup& lookup) {
  return NcclReader(std::move(text), source, lookup).read();
}

}  // namespace plimsoll
