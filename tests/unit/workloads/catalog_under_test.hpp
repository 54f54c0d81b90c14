// The shipped catalogues, for tests.
#pragma once

#include <filesystem>
#include <vector>

#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"
#include "workloads/step_time/device_rates.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

inline std::vector<std::filesystem::path> shipped_roots() { return catalog_roots({}, "."); }

inline ModelSpec shipped_model(const char* name) {
  return WorkloadCatalog(shipped_roots()).model(name, {});
}
inline EngineProfile shipped_engine() {
  return WorkloadCatalog(shipped_roots()).engine("vllm-0.15", {});
}
inline Calibration shipped_calibration() {
  return WorkloadCatalog(shipped_roots()).calibration("nvidia_h100_sxm", {});
}

/// H100 SXM, written out so that tests of the arithmetic do not depend on the GPU catalogue.
inline DeviceRates h100_rates() {
  return {.bf16 = FlopPerSecond{989e12},
          .fp8 = FlopPerSecond{1978e12},
          .memory = BytesPerSecond{3.35e12},
          .link = BytesPerSecond{450e9}};
}

}  // namespace plimsoll
