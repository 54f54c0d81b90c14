#include "hardware/topology/fabric_spec.hpp"

#include <fmt/format.h>

#include "hardware/topology/named_values.hpp"

namespace plimsoll {
namespace {

constexpr NamedValues<FabricKind, 4> kNames{
    {"rail_optimized", "fat_tree", "nvlink_domain", "ethernet"}};

}  // namespace

std::string parse_scalar(std::string_view text, FabricKind& out) { return kNames.parse(text, out); }
std::string scalar_text(FabricKind kind) { return std::string(kNames.name(kind)); }

void check_fabric(const FabricSpec& fabric, const ConfigNode& root, std::vector<Fault>& faults) {
  const std::int32_t domain = fabric.nodes_per_nvlink_domain;
  if (domain < 1) return;  // its range has been faulted
  for (const auto& [key, nodes] : {std::pair{"nodes_per_rack", fabric.nodes_per_rack.value},
                                   std::pair{"nodes_per_leaf", fabric.nodes_per_leaf.value}}) {
    if (nodes > 0 && nodes % domain != 0 && domain % nodes != 0)
      faults.push_back({position_of(root, key),
                        fmt::format("{} = {} cuts NVLink domains of {} nodes; one must be a "
                                    "multiple of the other.",
                                    key, nodes, domain)});
  }
}

}  // namespace plimsoll
