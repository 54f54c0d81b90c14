// The shipped catalogues, for tests.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "workloads/workload_catalog.hpp"

namespace plimsoll {

inline std::filesystem::path source_folder() {
  const char* folder = std::getenv("PLIMSOLL_SOURCE_DIR");
  return folder != nullptr ? folder : ".";
}

inline const WorkloadCatalog& shipped_workloads() {
  static const WorkloadCatalog catalog(source_folder() / "workloads/catalog");
  return catalog;
}

/// H100 SXM, from the vendor's datasheet, so that tests of the arithmetic do not depend on the GPU catalogue.
inline DeviceRates h100_rates(Precision precision) {
  constexpr double kBf16 = 989.4e12;
  constexpr double kFp8 = 1978.9e12;
  return {FlopPerSecond{kBf16}, FlopPerSecond{precision == Precision::fp8 ? kFp8 : kBf16},
          BytesPerSecond{3.35e12}};
}

}  // namespace plimsoll
