#include "hardware/hardware_catalog.hpp"

#include <fmt/format.h>

#include <optional>
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
}

}  // namespace

HardwareCatalog::HardwareCatalog(const std::vector<std::filesystem::path>& roots)
    : gpus_("gpus", "GPU", roots),
      nodes_("nodes", "node type", roots),
      price_lists_("prices", "price list", roots) {}

GpuSpec HardwareCatalog::gpu(std::string_view name, const Position& asked) {
  const CatalogEntry entry = used_.find(gpus_, name, asked);
  return read_entry<GpuSpec>(entry, [&](const GpuSpec& gpu, std::vector<Fault>& faults) {
    check_gpu(entry, gpu, faults);
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
