#include "workloads/workload_catalog.hpp"

#include <algorithm>

namespace plimsoll {

WorkloadCatalog::WorkloadCatalog(const std::vector<std::filesystem::path>& roots)
    : models_("models", "model", roots),
      engines_("engines", "engine profile", roots),
      calibrations_("calibrations", "calibration", roots) {}

CatalogEntry WorkloadCatalog::use(const CatalogFolder& folder, std::string_view name,
                                  const Position& asked) {
  CatalogEntry entry = folder.find(name, asked);
  const bool known = std::any_of(used_.begin(), used_.end(), [&](const CatalogEntry& other) {
    return other.kind == entry.kind && other.name == entry.name;
  });
  if (!known) used_.push_back(entry);
  return entry;
}

ModelSpec WorkloadCatalog::model(std::string_view name, const Position& asked) {
  return read_model(use(models_, name, asked));
}

EngineProfile WorkloadCatalog::engine(std::string_view name, const Position& asked) {
  return read_engine(use(engines_, name, asked));
}

Calibration WorkloadCatalog::calibration(std::string_view gpu, const Position& asked) {
  return read_calibration(use(calibrations_, gpu, asked));
}

}  // namespace plimsoll
