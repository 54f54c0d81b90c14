// The validation sets: each compares the models with one folder of measurements that others published.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "planner/validation/report.hpp"

namespace plimsoll {

/// What every set is run with, and where it says what it left out.
struct ValidationContext {
  std::vector<std::filesystem::path> catalogs;  ///< as catalog_roots gives them
  std::size_t threads = 1;
  /// One sentence each, with counts: "aic_silicon: 127 rows of work in progress left out".
  std::vector<std::string> notes;
};

/// A set reads `data / folder`. Same data, same predictions in the same order, for any number of threads.
struct ValidationSet {
  const char* name;
  const char* folder;  ///< that `data` must hold for the set to run
  std::vector<Prediction> (*run)(const std::filesystem::path& data, ValidationContext& context);
};

/// All sets, in the order in which they are reported.
std::span<const ValidationSet> validation_sets();

using PredictionsOf = std::vector<Prediction>(const std::filesystem::path& data,
                                              ValidationContext& context);
PredictionsOf validate_aic_silicon;
PredictionsOf validate_pd_ratio;
PredictionsOf validate_mlperf_inference;
PredictionsOf validate_mlperf_training;
PredictionsOf validate_vllm_requests;
PredictionsOf validate_vllm_steps;
PredictionsOf validate_forward_passes;
PredictionsOf validate_ml_energy;
PredictionsOf validate_splitwise_perf;

}  // namespace plimsoll
