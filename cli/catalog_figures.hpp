// One catalogue entry as people and programs read it: its figures with their sources, and what follows from them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hardware/catalog_folder.hpp"
#include "hardware/gpu_spec.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll::cli {

/// Names that carry their unit, last.
using DerivedFigures = std::vector<std::pair<std::string, std::int64_t>>;

/// Parameters in total and active, KV bytes per token, bytes of the weights in each precision.
DerivedFigures derived_of(const ModelSpec& model);
/// Operations per byte of memory traffic, above which the GPU computes rather than waits.
DerivedFigures derived_of(const GpuSpec& gpu);

/// A table of figures, each with the number of its source, and the sources below it.
std::string entry_text(const CatalogEntry& entry, const DerivedFigures& derived);
/// One JSON object: kind, name, file, figures as they stand in the file, derived.
std::string entry_json(const CatalogEntry& entry, const DerivedFigures& derived);

/// What the file's first comment says of the entry; empty when it begins with none.
std::string about(const CatalogEntry& entry);

/// All entries of some kinds: name and about, or with aliases as JSON.
std::string list_text(const std::vector<CatalogEntry>& entries);
std::string list_json(const std::vector<CatalogEntry>& entries);

}  // namespace plimsoll::cli
