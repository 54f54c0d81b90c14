#include "workloads/calibration/profiled_models.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace plimsoll {

ModelSpec known_model(const Measurements& from, const ProfiledModel& of, std::int32_t set,
                      const ModelLookup& models) {
  if (auto model = models(of.model)) return *model;
  const MeasurementSet& at = from.sets[static_cast<std::size_t>(set)];
  throw ConfigError(Position{at.file},
                    fmt::format("profiles {}, which no file of workloads/catalog/models has among "
                                "its aliases; add one.",
                                of.model));
}

double rank_heads(std::int32_t heads, std::int32_t tensor) {
  return std::max(1.0, static_cast<double>(heads) / tensor);
}

}  // namespace plimsoll
