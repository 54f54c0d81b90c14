#include "hardware/hardware_catalog.hpp"

#include <fmt/format.h>

#include <utility>

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

}  // namespace

HardwareCatalog::HardwareCatalog(const std::vector<std::filesystem::path>& roots)
    : gpus_("gpus", "GPU", roots),
      nodes_("nodes", "node type", roots),
      price_lists_("prices", "price list", roots) {}

GpuSpec HardwareCatalog::gpu(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(gpus_, name, asked);
  return read_entry<GpuSpec>(entry, [&](const GpuSpec& gpu, std::vector<Fault>& faults) {
    if (gpu.idle_power.value > gpu.board_power_max.value) {
      faults.push_back(
          {position_of(entry.root, "idle_power.value"),
           fmt::format("idle_power.value = {} is above board_power_max.value = {}.",
                       scalar_text(gpu.idle_power.value), scalar_text(gpu.board_power_max.value))});
    }
  });
}

NodeSpec HardwareCatalog::node(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(nodes_, name, asked);
  return read_entry<NodeSpec>(entry, [&](const NodeSpec& node, std::vector<Fault>& faults) {
    const std::int32_t island = node.nvlink_island.value;
    if (island > 0 && node.gpus.value % island != 0) {
      faults.push_back({position_of(entry.root, "nvlink_island.value"),
                        fmt::format("nvlink_island.value = {} does not divide gpus.value = {}.",
                                    island, node.gpus.value)});
    }
  });
}

PriceList HardwareCatalog::prices(std::string_view name, const Position& asked) {
  return read_entry<PriceList>(used_.find(price_lists_, name, asked),
                               [](const PriceList&, std::vector<Fault>&) {});
}

}  // namespace plimsoll
