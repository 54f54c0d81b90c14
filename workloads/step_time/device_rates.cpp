#include "workloads/step_time/device_rates.hpp"

namespace plimsoll {

FlopPerSecond DeviceRates::of(Precision precision) const {
  switch (precision) {
    case Precision::fp8:
    case Precision::fp8_block:
      return fp8;
    case Precision::nvfp4:
      return fp4;
    case Precision::bf16:
    case Precision::mxfp4:
    case Precision::int4:
      break;
  }
  return bf16;
}

DeviceRates device_rates(const GpuSpec& gpu) {
  DeviceRates rates{.bf16 = gpu.bf16_dense.value, .memory = gpu.memory_bandwidth.value};
  if (gpu.fp8_dense) rates.fp8 = gpu.fp8_dense->value;
  if (gpu.fp4_dense) rates.fp4 = gpu.fp4_dense->value;
  if (gpu.pcie_bandwidth) rates.link = gpu.pcie_bandwidth->value;
  if (gpu.nvlink_bandwidth) rates.link = gpu.nvlink_bandwidth->value;
  return rates;
}

double activation_bytes_of(Precision precision) {
  const bool weights_only = precision == Precision::mxfp4 || precision == Precision::int4;
  return weights_only ? static_cast<double>(kActivationBytes) : weight_bytes_of(precision);
}

}  // namespace plimsoll
