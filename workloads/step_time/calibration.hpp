// What is fitted for one GPU type: the laws of its operators, its power, and how far predictions
// with them are off.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/catalog_folder.hpp"
#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

using Seconds = std::chrono::duration<double>;
constexpr Seconds microseconds(double count) { return Seconds{count * 1e-6}; }

/// The ladder of calibration, from worst to best.
inline constexpr std::string_view kDatasheetLevel = "datasheet";
inline constexpr std::string_view kOperatorLevel = "operator tables";
inline constexpr std::string_view kAnchoredLevel = "anchored";
inline constexpr std::string_view kTelemetryLevel = "telemetry";

/// Power of one GPU in steps of n sequences: floor + range / (1 + exp(-steepness (log2 n -
/// midpoint))).
struct PowerCoefficients {
  std::string model;  ///< that was measured
  std::string dtype = "bf16";
  std::int32_t tensor_parallel = 0;
  Watts floor{};
  Watts range{};
  double steepness = 0;
  double midpoint = 0;
  FitQuality quality;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &PowerCoefficients::model, "The model that was measured.", required);
    visit("dtype", &PowerCoefficients::dtype, "Its number format.");
    visit("tensor_parallel", &PowerCoefficients::tensor_parallel, "GPUs that it ran on.", required,
          1, 1024);
    visit("floor", &PowerCoefficients::floor, "Power of the smallest batches.", required, Watts{1},
          Watts{20'000});
    visit("range", &PowerCoefficients::range, "What the largest batches add.", required, Watts{0},
          Watts{20'000});
    visit("steepness", &PowerCoefficients::steepness, "Of the logistic in log2 of the batch.",
          required, 0.0, 100.0);
    visit("midpoint", &PowerCoefficients::midpoint, "log2 of the batch at half the range.",
          required, 0.0, 30.0);
    visit("quality", &PowerCoefficients::quality, "What it rests on.", required);
  }
};

/// How far predictions were off measurements of whole deployments that no fit has seen.
struct StatedError {
  std::string level;           ///< of the ladder
  std::string engine = "any";  ///< family: "vllm", "sglang", "trtllm"; "any": all others
  double median = 0;           ///< of |predicted / measured - 1|
  double p90 = 0;              ///< 90th percentile of the same; 0: not stated
  std::int64_t rows = 0;
  std::string range;  ///< models, precisions and loads that were compared, in words
  std::string source;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("level", &StatedError::level, "Rung of the ladder of calibration.", required);
    visit("engine", &StatedError::engine, "Family of engines.");
    visit("median", &StatedError::median, "Median relative error.", required, 0.0, 10.0);
    visit("p90", &StatedError::p90, "90th percentile of the relative error.", 0.0, 100.0);
    visit("rows", &StatedError::rows, "Measurements that were compared.",
          at_least(std::int64_t{0}));
    visit("range", &StatedError::range, "Models, precisions and loads that were compared.",
          required);
    visit("source", &StatedError::source, "The measurements and how they were compared.", required);
  }
};

/// A calibration. Its range of validity is that of its grids (workloads/step_time/extrapolation.hpp).
struct Calibration {
  std::string name;     ///< its file's name in workloads/catalog/calibrations: the GPU's
  std::string level;    ///< "datasheet" or "operator tables"
  std::string command;  ///< that wrote the file
  OperatorLaws laws;
  std::vector<PowerCoefficients> power;
  std::vector<StatedError> errors;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("level", &Calibration::level, "What the laws rest on.", required);
    visit("command", &Calibration::command, "The command that wrote this file.", required);
    visit("errors", &Calibration::errors, "Errors of whole predictions, by level and engine.",
          required);
    visit("laws", &Calibration::laws, "The laws of the operators.", required);
    visit("power", &Calibration::power, "Power by batch size, one per measured deployment.");
  }

  /// The entry of the level for the engine's family, or else for "any"; nullptr when there is none.
  const StatedError* error_of(std::string_view at_level, std::string_view engine) const;
};

/// A file of workloads/catalog/calibrations. Throws ConfigError with all its faults: values outside
/// their bounds, grids with other axes than the law's, knots out of order, as many factors as there
/// are not knots, unknown names.
Calibration read_calibration(const CatalogEntry& entry);

/// The tree that read_calibration reads; `to_yaml` makes it text. Knots are rounded to five
/// significant digits, logarithms of factors to three decimals (0.05 % of the factor). `name` is
/// the file's and not written.
ConfigNode write_calibration(const Calibration& calibration);

}  // namespace plimsoll
