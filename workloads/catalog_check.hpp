// Whether every file of the catalogues is whole and the files agree with each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/error.hpp"

namespace plimsoll {

struct CatalogCheck {
  std::int32_t files = 0;  ///< that were read
  std::vector<Fault> faults;
};

/// Reads every entry of every kind in `roots` (as catalog_roots gives them) and collects all faults: those of the
/// files themselves; names that two entries of a kind claim; nodes, prices and training laws of a GPU that there is
/// not; a GPU that two training laws name. Never throws ConfigError.
CatalogCheck check_catalogs(const std::vector<std::filesystem::path>& roots);

}  // namespace plimsoll
