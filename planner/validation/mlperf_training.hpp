// Set mlperf_training: steps of Llama 3.1 405B in MLPerf Training beside the training model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "planner/validation/suite.hpp"
#include "workloads/step_time/training_step.hpp"

namespace plimsoll {

/// One submission: its runs of one system.
struct MlperfTrainingRow {
  std::string system;  ///< "eos-dfw_n64_ngc25.01_nemo"
  std::string gpu;     ///< a name of the GPU catalogue
  TrainingCut cut;
  std::int32_t gpus_per_node = 1;
  double step_s = 0;  ///< median over its runs of their median steps
};

/// The successful runs of Llama 3.1 405B on GPUs of the catalogue that the training laws name. The files leave out how
/// submitters cut the model; their configurations in mlcommons/training_results_v5.0 are named tp8pp8cp2 for H100 and
/// tp4pp8cp2 for H200 and GB200, with eight virtual stages and micro-batches of one sequence. `notes` says what was
/// left out. Throws ConfigError with file, line and column.
std::vector<MlperfTrainingRow> read_mlperf_training(const std::filesystem::path& folder,
                                                    std::vector<std::string>& notes);

/// The step of a row as a job of a scenario has it: on nodes of the catalogue that the fabric joins which such nodes
/// have (rail-optimized; NVL72 racks for GB200), packed.
TrainingStep predicted_step(const MlperfTrainingRow& row,
                            const std::vector<std::filesystem::path>& catalogs);

}  // namespace plimsoll
