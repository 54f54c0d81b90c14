#include "hardware/hardware_catalog.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "hardware/topology/topology_from_spec.hpp"

namespace plimsoll {
namespace {

/// Reads an entry's file and throws its faults, those that `check(spec, faults)` adds among them.
template <class Spec, class Check>
Spec read_entry(const CatalogEntry& entry, const Check& check) {
  std::vector<Fault> faults;
  Spec spec = read_config<Spec>(entry.root, faults);
  spec.name = entry.name;
  check(spec, faults);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return spec;
}

/// A rate whose ratio to that of twice the width is not of a dense pair: 2, or up to 3.2 from fp8 to fp4. A figure with
/// sparsity has twice that.
void check_dense(const CatalogEntry& entry, const char* key,
                 const std::optional<Figure<FlopPerSecond>>& rate, const char* wider_key,
                 FlopPerSecond wider, double most, std::vector<Fault>& faults) {
  constexpr double kLeast = 1.8;
  if (!rate || wider.count() <= 0) return;
  const double ratio = rate->value.count() / wider.count();
  if (ratio >= kLeast && ratio <= most) return;
  faults.push_back(
      {position_of(entry.root, fmt::format("{}.value", key)),
       fmt::format("{}.value = {} is {:.2f} times {}.value = {}; dense rates differ by {} to {}. "
                   "Leave out figures with sparsity and formats that the GPU does not compute in.",
                   key, scalar_text(rate->value), ratio, wider_key, scalar_text(wider), kLeast,
                   most)});
}

// No matrix product is faster than the peak; a tenth is left for clocks above the datasheet's.
void check_sustained(const CatalogEntry& entry, const char* key,
                     const std::optional<Figure<FlopPerSecond>>& sustained, const char* peak_key,
                     FlopPerSecond peak, std::vector<Fault>& faults) {
  if (!sustained || sustained->value.count() <= 1.1 * peak.count()) return;
  faults.push_back({position_of(entry.root, fmt::format("{}.value", key)),
                    fmt::format("{}.value = {} is above {} = {}.", key,
                                scalar_text(sustained->value), peak_key, scalar_text(peak))});
}

void check_gpu(const CatalogEntry& entry, const GpuSpec& gpu, std::vector<Fault>& faults) {
  if (gpu.idle_power.value > gpu.board_power_max.value) {
    faults.push_back(
        {position_of(entry.root, "idle_power.value"),
         fmt::format("idle_power.value = {} is above board_power_max.value = {}.",
                     scalar_text(gpu.idle_power.value), scalar_text(gpu.board_power_max.value))});
  }
  check_dense(entry, "fp8_dense", gpu.fp8_dense, "bf16_dense", gpu.bf16_dense.value, 2.2, faults);
  if (gpu.fp8_dense)
    check_dense(entry, "fp4_dense", gpu.fp4_dense, "fp8_dense", gpu.fp8_dense->value, 3.2, faults);
  check_sustained(entry, "bf16_sustained", gpu.bf16_sustained, "bf16_dense", gpu.bf16_dense.value,
                  faults);
  check_sustained(entry, "fp8_sustained", gpu.fp8_sustained, "fp8_dense",
                  gpu.fp8_dense ? gpu.fp8_dense->value : FlopPerSecond{}, faults);
}

void check_node(const CatalogEntry& entry, const NodeSpec& node, std::vector<Fault>& faults) {
  const std::int32_t gpus = node.gpus.value;
  const std::int32_t island = node.nvlink_island.value;
  if (gpus > 0 && node.gpu.empty())
    faults.push_back({entry.root.at,
                      "gpu is missing (Kind of its GPUs, a name of the GPU "
                      "catalogue)."});
  if (gpus == 0 && (!node.gpu.empty() || island != 0))
    faults.push_back({position_of(entry.root, "gpus.value"),
                      "gpus.value = 0: a node without GPUs has no gpu and nvlink_island = 0."});
  if (gpus > 0 && (island == 0 || gpus % island != 0))
    faults.push_back(
        {position_of(entry.root, "nvlink_island.value"),
         fmt::format("nvlink_island.value = {} does not divide gpus.value = {}.", island, gpus)});
}

}  // namespace

HardwareCatalog::HardwareCatalog(const std::vector<std::filesystem::path>& roots)
    : gpus_("gpus", "GPU", roots),
      nodes_("nodes", "node type", roots),
      price_lists_("prices", "price list", roots),
      links_("links", "link", roots),
      fabrics_("fabrics", "fabric", roots),
      collectives_("collectives", "set of collectives", roots) {}

GpuSpec HardwareCatalog::gpu(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(gpus_, name, asked);
  return read_entry<GpuSpec>(entry, [&](const GpuSpec& gpu, std::vector<Fault>& faults) {
    check_gpu(entry, gpu, faults);
  });
}

NodeSpec HardwareCatalog::node(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(nodes_, name, asked);
  return read_entry<NodeSpec>(entry, [&](const NodeSpec& node, std::vector<Fault>& faults) {
    check_node(entry, node, faults);
  });
}

std::optional<GpuSpec> HardwareCatalog::gpu_of_product(std::string_view product) {
  std::optional<GpuSpec> best;
  for (const std::string& name : gpus_.names()) {
    const CatalogEntry entry = gpus_.find(name, {});
    const ConfigNode* stated = entry.root.find("product_name");
    if (stated == nullptr || product.find(stated->text) == std::string_view::npos) continue;
    if (!best || stated->text.size() > best->product_name->size()) best = gpu(name, {});
  }
  return best;
}

TopologyLookup HardwareCatalog::topology_lookup() {
  return {[this](const std::string& name, const Position& at) { return link(name, at); },
          [this](std::string_view product) { return gpu_of_product(product); }};
}

LinkSpec HardwareCatalog::link(std::string_view name, const Position& asked) {
  return read_entry<LinkSpec>(used_.find(links_, name, asked),
                              [](const LinkSpec&, std::vector<Fault>&) {});
}

FabricSpec HardwareCatalog::fabric(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(fabrics_, name, asked);
  return read_entry<FabricSpec>(entry, [&](const FabricSpec& fabric, std::vector<Fault>& faults) {
    check_fabric(fabric, entry.root, faults);
  });
}

CollectiveSpec HardwareCatalog::collectives(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(collectives_, name, asked);
  return read_entry<CollectiveSpec>(entry,
                                    [&](const CollectiveSpec& spec, std::vector<Fault>& faults) {
                                      check_collectives(spec, entry.root, faults);
                                    });
}

NodeTopology HardwareCatalog::topology(std::string_view name, const Position& asked) {
  const NodeSpec spec = node(name, asked);
  const CatalogEntry entry = nodes_.find(name, asked);
  return topology_from_spec(spec, entry.root, [this](const std::string& link, const Position& at) {
    return this->link(link, at);
  });
}

PriceList HardwareCatalog::prices(std::string_view name, const Position& asked) {
  return read_entry<PriceList>(used_.find(price_lists_, name, asked),
                               [](const PriceList&, std::vector<Fault>&) {});
}

}  // namespace plimsoll
