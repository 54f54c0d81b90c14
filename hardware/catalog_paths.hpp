// Where catalogues are looked for.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "hardware/catalog_folder.hpp"

namespace plimsoll {

/// The folder of the data that ships with Plimsoll, laid out as the source tree is (hardware/catalog, traces/...):
/// share/plimsoll beside the executable's folder, else the source tree, else the folder of the configured install
/// prefix. Empty when none of them exists.
std::filesystem::path shipped_data();

/// The length tables that ship (traces/quantiles), by name.
CatalogFolder shipped_length_tables();

/// The laws of batch jobs that ship (traces/job_laws), by name.
CatalogFolder shipped_job_laws();

/// Whether a text that may name a shipped entry or a file means a file: it has a slash, or ends in .yaml.
bool names_file(std::string_view text);

/// Folders that may hold kinds of entries (gpus/, nodes/, models/ and so on), the first to be searched first: those the
/// user gave (`--catalog`; ConfigError when one does not exist), `catalog/` in the scenario's folder, the shipped ones.
std::vector<std::filesystem::path> catalog_roots(const std::vector<std::filesystem::path>& given,
                                                 const std::filesystem::path& scenario_folder);

}  // namespace plimsoll
