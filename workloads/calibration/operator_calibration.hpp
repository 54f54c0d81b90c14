// A whole calibration of level "operator tables" from measured operators.
#pragma once

#include <string>

#include "hardware/gpu_spec.hpp"
#include "workloads/calibration/law_fits.hpp"

namespace plimsoll {

/// Fits every law that there are rows for; the others, and those of other precisions, stay as the datasheet gives them
/// (and say so in their quality). Throws ConfigError where nothing has rows enough, or a profiled model is unknown.
Calibration calibrate_operators(Measurements measurements, const GpuSpec& gpu,
                                const ModelLookup& models, const LatentAttentionSpec& latent);

}  // namespace plimsoll
