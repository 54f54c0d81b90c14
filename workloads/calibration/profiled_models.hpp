// What a profile's own model is in the catalogue, and what one of its ranks computes.
#pragma once

#include "workloads/calibration/law_fits.hpp"

namespace plimsoll {

/// Throws ConfigError, naming the file of `set`, where the catalogue does not know the model.
ModelSpec known_model(const Measurements& from, const ProfiledModel& of, std::int32_t set,
                      const ModelLookup& models);

/// Query heads of one of `tensor` ranks.
double rank_heads(std::int32_t heads, std::int32_t tensor);

}  // namespace plimsoll
