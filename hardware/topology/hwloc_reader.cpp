// hwloc's topology XML: <object>s within <object>s, of which CPUs (NUMA nodes), bridges and PCI
// devices count here.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "core/config/suggest.hpp"
#include "hardware/topology/link_lookup.hpp"
#include "hardware/topology/topology_readers.hpp"
#include "hardware/topology/xml_text.hpp"

namespace plimsoll {
namespace {

const std::vector<std::string> kObjectTypes = {
    "Bridge",  "Core",     "Die",     "Group",   "L1Cache", "L1iCache", "L2Cache", "L2iCache",
    "L3Cache", "L3iCache", "L4Cache", "L5Cache", "Machine", "MemCache", "Misc",    "NUMANode",
    "OSDev",   "PCIDev",   "PU",      "Package", "Socket",  "System",   "Cache"};

/// The two vendors whose GPUs are looked for: NVIDIA and AMD. Others' display adapters are
/// consoles.
bool is_gpu(std::string_view pci_type) {
  const bool kind = pci_type.starts_with("0300") || pci_type.starts_with("0302") ||
                    pci_type.starts_with("0380") || pci_type.starts_with("1200");
  return kind && (pci_type.find("[10de:") != std::string_view::npos ||
                  pci_type.find("[1002:") != std::string_view::npos);
}
bool is_nic(std::string_view pci_type) {
  return pci_type.starts_with("0200") || pci_type.starts_with("0207") ||
         pci_type.starts_with("0280");
}
bool is_nvswitch(std::string_view pci_type) {
  return pci_type.starts_with("0680") && pci_type.find("[10de:") != std::string_view::npos;
}

bool is_object(pugi::xml_node node, std::string_view type) {
  return std::string_view(node.name()) == "object" && attribute(node, "type") == type;
}

std::string info_of(pugi::xml_node node, std::string_view name) {
  for (const pugi::xml_node info : node.children("info"))
    if (attribute(info, "name") == name) return std::string(attribute(info, "value"));
  return {};
}

class HwlocReader {
 public:
  HwlocReader(std::string text, const std::string& source, const TopologyLookup& lookup)
      : xml_(std::move(text), source), lookup_(lookup), builder_(source, source) {}

  NodeTopology read() {
    const pugi::xml_node top = xml_.root();
    if (std::string_view(top.name()) != "topology")
      throw ConfigError(xml_.at(top), fmt::format("<{}> is no topology of hwloc; that begins with "
                                                  "<topology>.",
                                                  top.name()));
    for (const pugi::xml_node object : top.children("object")) walk(object, {});
    join_cpus(builder_, cpus_, vendor_, lookup_, xml_.at(top));
    for (const pugi::xml_node matrix : top.children())
      if (std::string_view(matrix.name()).starts_with("distances2")) read_matrix(matrix);
    return builder_.finish();
  }

 private:
  /// Where PCI devices below an object hang.
  struct Parent {
    std::optional<DeviceId> hub{};  ///< a CPU or PCIe switch
    BytesPerSecond rate{};          ///< of the bridge above, 0: not known
  };

  void walk(pugi::xml_node object, Parent parent) {
    const std::string_view type = attribute(object, "type");
    if (std::find(kObjectTypes.begin(), kObjectTypes.end(), type) == kObjectTypes.end())
      return builder_.fault(xml_.at(object), unknown_name("type of object", type, kObjectTypes));
    if (type == "Package" || type == "Socket") {
      const std::string vendor = info_of(object, "CPUVendor");
      if (!vendor.empty()) vendor_ = vendor;
    }
    if (type == "PCIDev") return add_device(object, parent);
    if (type == "Bridge") {
      parent = through_bridge(object, parent);
    } else if (type == "NUMANode" && object.child("object")) {
      parent.hub = add_cpu(object);  // version 1: it holds what is near it
    } else if (type != "NUMANode") {
      for (const pugi::xml_node child : object.children("object"))
        if (is_object(child, "NUMANode") && !child.child("object")) parent.hub = add_cpu(child);
    }
    for (const pugi::xml_node child : object.children("object"))
      if (!is_object(child, "NUMANode") || child.child("object")) walk(child, parent);
  }

  DeviceId add_cpu(pugi::xml_node object) {
    TopologyDevice device;
    device.kind = DeviceKind::cpu;
    device.name = fmt::format("numa{}", attribute(object, "os_index"));
    cpus_.push_back(builder_.add(std::move(device), xml_.at(object)));
    return cpus_.back();
  }

  /// GPUs and NICs below, counted up to two: bridges that lead to one only need no device of their
  /// own.
  std::size_t branches(pugi::xml_node bridge) {
    std::size_t count = 0;
    for (const pugi::xml_node child : bridge.children("object")) {
      const std::string_view kind = attribute(child, "pci_type");
      const bool counts =
          is_object(child, "Bridge") ? branches(child) > 0 : is_gpu(kind) || is_nic(kind);
      if (counts) ++count;
    }
    return count;
  }
  BytesPerSecond fastest_below(pugi::xml_node bridge) {
    BytesPerSecond best{0};
    for (const pugi::xml_node child : bridge.children("object")) {
      best = std::max(best, BytesPerSecond{child.attribute("pci_link_speed").as_double() * 1e9});
      if (is_object(child, "Bridge")) best = std::max(best, fastest_below(child));
    }
    return best;
  }
  /// "63.015385", in GB/s; 0 where a virtual machine hides it.
  BytesPerSecond speed_of(pugi::xml_node object) {
    if (!object.attribute("pci_link_speed")) return BytesPerSecond{0};
    std::vector<Fault> faults;
    const auto speed = number_attribute(object, "pci_link_speed", {}, xml_.at(object), faults);
    for (Fault& fault : faults) builder_.fault(fault.at, std::move(fault.message));
    return BytesPerSecond{speed.value_or(0) * 1e9};
  }
  TopologyLink pcie(BytesPerSecond rate) {
    return rate.count() > 0 ? pcie_of(lookup_, rate) : link_named(lookup_, "pcie_3_x16");
  }
  DeviceId hub_of(const Parent& parent, pugi::xml_node object) {
    if (parent.hub) return *parent.hub;
    return cpus_.empty() ? add_cpu(object) : cpus_.front();  // below the machine: its first CPU
  }

  Parent through_bridge(pugi::xml_node object, const Parent& parent) {
    const BytesPerSecond own = speed_of(object);
    const BytesPerSecond rate = own.count() > 0 ? own : fastest_below(object);
    if (branches(object) < 2) return {parent.hub, parent.rate.count() > 0 ? parent.rate : rate};
    TopologyDevice device;
    device.kind = DeviceKind::pcie_switch;
    device.name = attribute(object, "pci_busid").empty()
                      ? fmt::format("bridge {}", attribute(object, "bridge_pci"))
                      : std::string(attribute(object, "pci_busid"));
    device.pci_address = attribute(object, "pci_busid");
    const DeviceId bridge = builder_.add(std::move(device), xml_.at(object));
    builder_.connect(bridge, hub_of(parent, object), pcie(rate), xml_.at(object));
    return {bridge, rate};
  }

  void add_device(pugi::xml_node object, const Parent& parent) {
    const std::string_view kind = attribute(object, "pci_type");
    TopologyDevice device;
    device.name = attribute(object, "pci_busid");
    device.pci_address = device.name;
    if (is_gpu(kind)) {
      device.kind = DeviceKind::gpu;
    } else if (is_nic(kind)) {
      device.kind = DeviceKind::nic;
    } else if (is_nvswitch(kind)) {
      device.kind = DeviceKind::nvswitch;
    } else {
      return;  // disks, consoles
    }
    device.model = model_of(object, kind);
    const DeviceKind what = device.kind;
    const DeviceId id = builder_.add(std::move(device), xml_.at(object));
    const BytesPerSecond own = speed_of(object);
    builder_.connect(id, hub_of(parent, object), pcie(own.count() > 0 ? own : parent.rate),
                     xml_.at(object));
    if (what == DeviceKind::nic) return;
    for (const pugi::xml_node os : object.children("object"))
      gpu_of_object_[std::string(attribute(os, "gp_index"))] = id;
    gpu_of_object_[std::string(attribute(object, "gp_index"))] = id;
  }

  /// What a GPU calls itself, else the vendor's and device's numbers.
  static std::string model_of(pugi::xml_node object, std::string_view pci_type) {
    for (const pugi::xml_node os : object.children("object")) {
      std::string model = info_of(os, "GPUModel");
      if (!model.empty()) return model;
    }
    std::string device = info_of(object, "PCIDevice");
    if (!device.empty()) return device;
    const auto open = pci_type.find('[');
    const auto close = pci_type.find(']');
    return open == std::string_view::npos || close == std::string_view::npos
               ? std::string(pci_type)
               : std::string(pci_type.substr(open + 1, close - open - 1));
  }

  std::vector<std::string> words_of(pugi::xml_node matrix, const char* element) {
    std::vector<std::string> words;
    for (const pugi::xml_node part : matrix.children(element)) {
      std::istringstream text(part.child_value());
      for (std::string word; text >> word;) words.push_back(word);
    }
    return words;
  }

  /// NVLinkBandwidth: MB/s between GPUs and NVSwitches, by the global index of their OS devices.
  void read_matrix(pugi::xml_node matrix) {
    if (attribute(matrix, "name") != "NVLinkBandwidth") return;
    std::vector<std::string> objects = words_of(matrix, "indexes");
    for (std::string& object : objects) object.erase(0, object.find(':') + 1);
    const std::vector<std::string> values = words_of(matrix, "u64values");
    const std::size_t n = objects.size();
    if (n == 0 || values.size() != n * n)
      return builder_.fault(xml_.at(matrix),
                            fmt::format("NVLinkBandwidth has {} values for {} objects; {} are "
                                        "needed.",
                                        values.size(), n, n * n));
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = a + 1; b < n; ++b) {
        if (values[a * n + b] != values[b * n + a])
          builder_.fault(xml_.at(matrix),
                         fmt::format("NVLinkBandwidth is {} from {} to {}, and {} "
                                     "back.",
                                     values[a * n + b], objects[a], objects[b], values[b * n + a]));
        else
          join_nvlink(matrix, objects[a], objects[b], values[a * n + b]);
      }
  }
  void join_nvlink(pugi::xml_node matrix, const std::string& a, const std::string& b,
                   const std::string& value) {
    double megabytes = 0;
    const std::string problem = parse_scalar(value, megabytes);
    if (!problem.empty())
      return builder_.fault(xml_.at(matrix),
                            fmt::format("NVLinkBandwidth = {} {}.", value, problem));
    if (!(megabytes > 0)) return;
    const auto from = gpu_of_object_.find(a);
    const auto to = gpu_of_object_.find(b);
    if (from == gpu_of_object_.end() || to == gpu_of_object_.end())
      return builder_.fault(xml_.at(matrix),
                            fmt::format("NVLinkBandwidth names object {}, which is no GPU of the "
                                        "file.",
                                        from == gpu_of_object_.end() ? a : b));
    TopologyLink link = link_named(lookup_, "nvlink_4");
    link.links = std::max(1, static_cast<std::int32_t>(megabytes * 1e6 / link.bandwidth.count()));
    link.bandwidth = BytesPerSecond{megabytes * 1e6};
    builder_.connect(from->second, to->second, link, xml_.at(matrix));
  }

  XmlText xml_;
  const TopologyLookup& lookup_;
  TopologyBuilder builder_;
  std::string vendor_;
  std::vector<DeviceId> cpus_;
  std::map<std::string, DeviceId> gpu_of_object_;  ///< by gp_index; NVSwitches too
};

}  // namespace

NodeTopology read_hwloc(std::string text, const std::string& source, const TopologyLookup& lookup) {
  return HwlocReader(std::move(text), source, lookup).read();
}

}  // namespace plimsoll
