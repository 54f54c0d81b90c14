// GPUs, node types and price lists by name, from the catalogue's files.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "hardware/catalog_folder.hpp"
#include "hardware/gpu_spec.hpp"
#include "hardware/node_spec.hpp"
#include "hardware/price_list.hpp"

namespace plimsoll {

/// Files are read when they are asked for. Each lookup throws ConfigError: at `asked` for an unknown name, with the
/// nearest one; at the file's lines for what is wrong in the file.
class HardwareCatalog {
 public:
  /// `roots` as catalog_roots gives them.
  explicit HardwareCatalog(const std::vector<std::filesystem::path>& roots);

  GpuSpec gpu(std::string_view name, const Position& asked);
  NodeSpec node(std::string_view name, const Position& asked);
  PriceList prices(std::string_view name, const Position& asked);

  const CatalogFolder& gpus() const { return gpus_; }
  const CatalogFolder& nodes() const { return nodes_; }
  const CatalogFolder& price_lists() const { return price_lists_; }

  /// Every file that a lookup has used, once each.
  const std::vector<CatalogEntry>& used() const { return used_.entries(); }

 private:
  CatalogFolder gpus_;
  CatalogFolder nodes_;
  CatalogFolder price_lists_;
  UsedEntries used_;
};

}  // namespace plimsoll
