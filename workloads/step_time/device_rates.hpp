// The datasheet rates of a GPU that the laws of its operators refer to.
#pragma once

#include "core/quantity.hpp"
#include "hardware/gpu_spec.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll {

/// Peak rates, dense. 0 where the GPU has none.
struct DeviceRates {
  FlopPerSecond bf16{};
  FlopPerSecond fp8{};
  FlopPerSecond fp4{};
  BytesPerSecond memory{};
  BytesPerSecond link{};  ///< to the other GPUs of a replica, of one GPU in one direction

  /// What a matrix product in this format is measured against: the rate of the format that its
  /// inputs are multiplied in. Formats of weights alone (mxfp4, int4) are multiplied in bf16.
  FlopPerSecond of(Precision precision) const;
};

/// The link is NVLink, or else PCIe; 0 where the catalogue states neither.
DeviceRates device_rates(const GpuSpec& gpu);

/// Bytes of an input value of a matrix product whose weights are in `precision`.
double activation_bytes_of(Precision precision);

}  // namespace plimsoll
