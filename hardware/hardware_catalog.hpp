// GPUs, node types, links, fabrics, collectives and price lists by name, from the catalogue's files.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "hardware/catalog_folder.hpp"
#include "hardware/gpu_spec.hpp"
#include "hardware/node_spec.hpp"
#include "hardware/price_list.hpp"
#include "hardware/topology/collective_spec.hpp"
#include "hardware/topology/fabric_spec.hpp"
#include "hardware/topology/link_spec.hpp"
#include "hardware/topology/node_topology.hpp"
#include "hardware/topology/topology_readers.hpp"

namespace plimsoll {

/// Files are read when they are asked for. Each lookup throws ConfigError: at `asked` for an unknown name, with the
/// nearest one; at the file's lines for what is wrong in the file.
class HardwareCatalog {
 public:
  /// `roots` as catalog_roots gives them.
  explicit HardwareCatalog(const std::vector<std::filesystem::path>& roots);

  GpuSpec gpu(std::string_view name, const Position& asked);
  NodeSpec node(std::string_view name, const Position& asked);
  /// By the name that its driver gives (`product_name`), which may be a part of a longer one; nothing for others.
  std::optional<GpuSpec> gpu_of_product(std::string_view product);
  PriceList prices(std::string_view name, const Position& asked);
  LinkSpec link(std::string_view name, const Position& asked);
  FabricSpec fabric(std::string_view name, const Position& asked);
  /// Of a GPU, by the GPU's file name or any name of the entry.
  CollectiveSpec collectives(std::string_view name, const Position& asked);
  /// The graph of a node type that states its topology; ConfigError where it does not.
  NodeTopology topology(std::string_view node, const Position& asked);
  /// For readers of topology files; refers to this catalogue.
  TopologyLookup topology_lookup();

  const CatalogFolder& gpus() const { return gpus_; }
  const CatalogFolder& nodes() const { return nodes_; }
  const CatalogFolder& price_lists() const { return price_lists_; }
  const CatalogFolder& links() const { return links_; }
  const CatalogFolder& fabrics() const { return fabrics_; }
  const CatalogFolder& collective_sets() const { return collectives_; }

  /// Every file that a lookup has used, once each.
  const std::vector<CatalogEntry>& used() const { return used_.entries(); }

 private:
  CatalogFolder gpus_;
  CatalogFolder nodes_;
  CatalogFolder price_lists_;
  CatalogFolder links_;
  CatalogFolder fabrics_;
  CatalogFolder collectives_;
  UsedEntries used_;
};

}  // namespace plimsoll
