// Laws of a GPU that nobody has calibrated: its datasheet's rates at the shares that other GPUs
// reach of theirs.
#pragma once

#include "hardware/gpu_spec.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// For every precision that the GPU has a rate for.
OperatorLaws datasheet_laws(const GpuSpec& gpu);

/// The same as a calibration of level "datasheet", named after the GPU, with the error to expect of
/// it and no power.
Calibration datasheet_calibration(const GpuSpec& gpu);

/// `laws` with the datasheet's for each precision and for latent attention, where it has none.
OperatorLaws completed_laws(OperatorLaws laws, const GpuSpec& gpu);

/// Time of a collective that no law is for: latency + wire bytes at a share of the link's rate.
/// `bytes` as in CollectiveLaw: of the whole message. us.
double datasheet_collective_us(std::string_view operation, double gpus, double bytes,
                               BytesPerSecond link);

}  // namespace plimsoll
