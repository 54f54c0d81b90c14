// A shipped calibration is what the measured data give today.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "traces/measurements/measurement_files.hpp"
#include "workloads/calibration/operator_calibration.hpp"

using namespace plimsoll;

TEST_CASE("refitting the RTX 4090 gives the shipped laws", "[calibration]") {
  const char* data = std::getenv("PLIMSOLL_DATA");
  const auto folder = std::filesystem::path(data ? data : "") / "vllm_profiles_rtx";
  if (!data || !std::filesystem::exists(folder)) {
    std::cout << "skipped: layer profiles of the RTX 4090 ($PLIMSOLL_DATA)\n";
    return;
  }
  Measurements measurements;
  read_measurements(folder, {{"RTX4090"}, ""}, measurements);
  WorkloadCatalog workloads(shipped_roots());
  const GpuSpec gpu = HardwareCatalog(shipped_roots()).gpu("nvidia_rtx_4090", {});
  const ModelLookup models = [&](const std::string& name) {
    return std::optional(workloads.model(name, {}));
  };
  const Calibration fitted = calibrate_operators(measurements, gpu, models, {});
  const Calibration shipped = workloads.calibration("nvidia_rtx_4090", {});
  const DecodeAttentionLaw& law = fitted.laws.decode_attention.at(0);
  const DecodeAttentionLaw& stated = shipped.laws.decode_attention.at(0);
  for (const double n : {1.0, 8.0, 100.0}) {
    const std::array<double, 2> place{n, 4};
    CHECK(law.mixed_read.factor(place) == Approx(stated.mixed_read.factor(place)).epsilon(0.01));
    CHECK(stated.mixed_read.factor(place) > 1.5);
  }
  CHECK(law.spread.factor(std::array{512.0}) ==
        Approx(stated.spread.factor(std::array{512.0})).epsilon(0.01));
  CHECK(law.mixed_row_us == Approx(stated.mixed_row_us).epsilon(0.01));
  CHECK(law.quality.median_error == Approx(stated.quality.median_error).margin(0.005));
  const DeviceRates rates = device_rates(gpu);
  for (const double n : {1.0, 8.0, 100.0})
    CHECK(decode_attention_us(n, n * 2000, 32, 8, rates, law) ==
          Approx(decode_attention_us(n, n * 2000, 32, 8, rates, stated)).epsilon(0.005));
  REQUIRE(fitted.laws.layer_curves.size() == shipped.laws.layer_curves.size());
  CHECK(extended_us(fitted.laws.layer_curves[0].layer_us, 64) ==
        Approx(extended_us(shipped.laws.layer_curves[0].layer_us, 64)).epsilon(0.001));
}
