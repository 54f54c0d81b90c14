// A Kubernetes node and its ResourceSlices as a topology.
#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "core/config/yaml.hpp"
#include "hardware/devices/resource_slices.hpp"
#include "hardware/topology/link_lookup.hpp"
#include "hardware/topology/topology_readers.hpp"

namespace plimsoll {
namespace {

/// Labels of NVIDIA's GPU feature discovery, for nodes without slices.
constexpr const char* kProductLabel = "nvidia.com/gpu.product";
constexpr const char* kCountLabel = "nvidia.com/gpu.count";
constexpr const char* kCliqueLabel = "nvidia.com/gpu.clique";

class KubernetesReader {
 public:
  KubernetesReader(NodeDevices devices, const std::string& source, const TopologyLookup& lookup)
      : devices_(std::move(devices)), lookup_(lookup), builder_(devices_.node, source) {}

  NodeTopology read() {
    if (devices_.devices.empty()) from_labels();
    for (const PublishedDevice& published : devices_.devices) {
      const std::string type = published.device.text(dra_attribute::kType);
      if (type == "gpu") add_gpu(published);
      if (type.empty())
        builder_.fault(published.at, fmt::format("device \"{}\" has no attribute `type`.",
                                                 published.device.name));
    }
    check_count();
    std::vector<DeviceId> cpus;
    for (const auto& [numa, cpu] : cpus_) cpus.push_back(cpu);
    join_cpus(builder_, cpus, "", lookup_, devices_.at);
    return builder_.finish();
  }

 private:
  /// As many GPUs as the labels tell, all on one CPU.
  void from_labels() {
    const auto product = devices_.labels.find(kProductLabel);
    const auto count = devices_.labels.find(kCountLabel);
    std::int64_t gpus = devices_.gpus;
    if (count != devices_.labels.end() && !parse_scalar(count->second, gpus).empty())
      return builder_.fault(devices_.at,
                            fmt::format("label {} = {} is no number.", kCountLabel, count->second));
    constexpr std::int64_t kMost = 1024;
    if (gpus > kMost)
      return builder_.fault(devices_.at, fmt::format("{} GPUs are more than {}.", gpus, kMost));
    for (std::int64_t i = 0; i < gpus; ++i) {
      DraDevice device;
      device.name = fmt::format("gpu-{}", i);
      device.attributes[std::string(dra_attribute::kType)] = std::string("gpu");
      if (product != devices_.labels.end()) {
        std::string name = product->second;  // labels have no blanks
        for (char& c : name)
          if (c == '-') c = ' ';
        device.attributes[std::string(dra_attribute::kProductName)] = name;
      }
      if (const auto clique = devices_.labels.find(kCliqueLabel); clique != devices_.labels.end())
        device.attributes[std::string(dra_attribute::kCliqueId)] = clique->second;
      devices_.devices.push_back({std::move(device), devices_.at});
    }
  }

  DeviceId cpu_of(const DraDevice& device, const Position& at) {
    std::int64_t numa = 0;
    const auto found = device.attributes.find(std::string(dra_attribute::kNumaNode));
    if (found != device.attributes.end())
      if (const auto* value = std::get_if<std::int64_t>(&found->second)) numa = *value;
    if (const auto known = cpus_.find(numa); known != cpus_.end()) return known->second;
    TopologyDevice cpu;
    cpu.kind = DeviceKind::cpu;
    cpu.name = fmt::format("numa{}", numa);
    return cpus_.emplace(numa, builder_.add(std::move(cpu), at)).first->second;
  }

  DeviceId hub_of(const DraDevice& device, const Position& at, const TopologyLink& pcie) {
    const std::string pcie_root = device.text(dra_attribute::kPcieRoot);
    const DeviceId cpu = cpu_of(device, at);
    if (pcie_root.empty()) return cpu;
    const auto known = roots_.find(pcie_root);
    if (known != roots_.end()) {
      if (known->second.cpu != cpu)
        builder_.fault(at, fmt::format("{} is below {} on another NUMA node than the GPU before "
                                       "it.",
                                       device.name, pcie_root));
      return known->second.hub;
    }
    TopologyDevice root;
    root.kind = DeviceKind::pcie_switch;
    root.name = pcie_root;
    const DeviceId hub = builder_.add(std::move(root), at);
    builder_.connect(hub, cpu, pcie, at);
    roots_.emplace(pcie_root, Root{hub, cpu});
    return hub;
  }

  void add_gpu(const PublishedDevice& published) {
    const DraDevice& dra = published.device;
    const std::string product = dra.text(dra_attribute::kProductName);
    const auto spec = lookup_.gpu(product);
    TopologyLink pcie = link_named(lookup_, "pcie_4_x16");
    if (spec && spec->pcie_bandwidth) pcie.bandwidth = spec->pcie_bandwidth->value;
    const DeviceId hub = hub_of(dra, published.at, pcie);
    TopologyDevice device;
    device.kind = DeviceKind::gpu;
    device.name = dra.name;
    device.model = spec ? spec->name : product;
    device.uuid = dra.text(dra_attribute::kUuid);
    if (!device.uuid.empty() && !uuids_.insert(device.uuid).second)
      builder_.fault(published.at,
                     fmt::format("{} has the uuid of another GPU, {}.", dra.name, device.uuid));
    const DeviceId gpu = builder_.add(std::move(device), published.at);
    ++gpus_;
    builder_.connect(gpu, hub, pcie, published.at);
    join_clique(gpu, dra.text(dra_attribute::kCliqueId), spec, published.at);
  }

  void join_clique(DeviceId gpu, const std::string& clique, const std::optional<GpuSpec>& spec,
                   const Position& at) {
    if (clique.empty()) return;
    if (!spec || !spec->nvlink_bandwidth)
      return builder_.fault(at, fmt::format("{} is in NVLink clique {}, but the catalogue knows no "
                                            "NVLink of its product.",
                                            builder_.graph()[gpu].name, clique));
    auto known = cliques_.find(clique);
    if (known == cliques_.end()) {
      TopologyDevice chip;
      chip.kind = DeviceKind::nvswitch;
      chip.name = "clique " + clique;
      known = cliques_.emplace(clique, builder_.add(std::move(chip), at)).first;
    }
    TopologyLink link = link_named(lookup_, "nvlink_4");
    link.bandwidth = spec->nvlink_bandwidth->value;
    builder_.connect(gpu, known->second, link, at);
  }

  void check_count() {
    if (gpus_ == 0) return builder_.fault(devices_.at, "there is no GPU.");
    if (devices_.gpus >= 0 && devices_.gpus != gpus_)
      builder_.fault(devices_.at, fmt::format("the node has {} nvidia.com/gpu, its slices {} GPUs: "
                                              "which?",
                                              devices_.gpus, gpus_));
  }

  struct Root {
    DeviceId hub = 0;
    DeviceId cpu = 0;
  };
  NodeDevices devices_;
  const TopologyLookup& lookup_;
  TopologyBuilder builder_;
  std::map<std::int64_t, DeviceId> cpus_;
  std::map<std::string, Root> roots_;
  std::map<std::string, DeviceId> cliques_;
  std::set<std::string> uuids_;
  std::int64_t gpus_ = 0;
};

/// How formats are told apart: by a word that only one of them has.
bool mentions(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

}  // namespace

NodeTopology read_kubernetes_node(std::string_view text, const std::string& source,
                                  const TopologyLookup& lookup) {
  return KubernetesReader(read_node_devices(text, source), source, lookup).read();
}

NodeTopology read_topology(const std::filesystem::path& file, const TopologyLookup& lookup) {
  std::string text = read_text_file(file);
  const std::string source = file.string();
  if (mentions(text, "<topology")) return read_hwloc(std::move(text), source, lookup);
  if (mentions(text, "<system")) return read_nccl_topology(std::move(text), source, lookup);
  if (mentions(text, "kind:")) return read_kubernetes_node(text, source, lookup);
  if (mentions(text, "GPU0")) return read_nvidia_smi(text, source, lookup);
  throw ConfigError({source, 1, 1},
                    "this is no topology: neither hwloc's or NCCL's XML, nor Kubernetes' YAML, nor "
                    "the matrix of `nvidia-smi topo -m`.");
}

}  // namespace plimsoll
