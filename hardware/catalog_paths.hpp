// Where catalogues are looked for.
#pragma once

#include <filesystem>
#include <vector>

namespace plimsoll {

/// The folder of the data that ships with Plimsoll, laid out as the source tree is (hardware/catalog, traces/...):
/// share/plimsoll beside the executable's folder, else the source tree, else the folder of the configured install
/// prefix. Empty when none of them exists.
std::filesystem::path shipped_data();

/// Folders that may hold kinds of entries (gpus/, nodes/, models/ and so on), the first to be searched first: those the
/// user gave (`--catalog`; ConfigError when one does not exist), `catalog/` in the scenario's folder, the shipped ones.
std::vector<std::filesystem::path> catalog_roots(const std::vector<std::filesystem::path>& given,
                                                 const std::filesystem::path& scenario_folder);

}  // namespace plimsoll
