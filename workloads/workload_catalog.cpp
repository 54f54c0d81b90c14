#include "workloads/workload_catalog.hpp"

namespace plimsoll {

WorkloadCatalog::WorkloadCatalog(const std::vector<std::filesystem::path>& roots)
    : models_("models", "model", roots),
      engines_("engines", "engine profile", roots),
      calibrations_("calibrations", "calibration", roots) {}

ModelSpec WorkloadCatalog::model(std::string_view name, const Position& asked) {
  return read_model(used_.find(models_, name, asked));
}

EngineProfile WorkloadCatalog::engine(std::string_view name, const Position& asked) {
  return read_engine(used_.find(engines_, name, asked));
}

Calibration WorkloadCatalog::calibration(std::string_view gpu, const Position& asked) {
  return read_calibration(used_.find(calibrations_, gpu, asked));
}

}  // namespace plimsoll
