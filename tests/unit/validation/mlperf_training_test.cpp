#include "planner/validation/mlperf_training.hpp"

#include <cmath>
#include <cstdlib>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {

namespace {

std::vector<std::filesystem::path> own_catalogs() {
  const std::filesystem::path root = std::getenv("PLIMSOLL_SOURCE_DIR");
  return {root / "hardware" / "catalog", root / "workloads" / "catalog"};
}

MlperfTrainingRow row_of(const char* gpu, std::int32_t gpus, std::int32_t batch,
                         std::int32_t tensor) {
  MlperfTrainingRow row;
  row.gpu = gpu;
  row.gpus_per_node = 8;
  row.cut = {gpus, tensor, 8, 2, 8, 1, batch, 1, 8192};
  return row;
}

constexpr const char* kHeader =
    "system,benchmark,nodes,accel_per_node,accel,status,gbs,seq_len,median_step_s\n";

}  // namespace

TEST_CASE("a training step costs more GPUs more than they save where the batch does not grow",
          "[validation][training]") {
  const auto few = row_of("nvidia_h100_sxm", 512, 1152, 8);
  const auto many = row_of("nvidia_h100_sxm", 2304, 1152, 8);
  CHECK(tokens_per_s_per_gpu(few.cut, predicted_step(few, own_catalogs())) >
        tokens_per_s_per_gpu(many.cut, predicted_step(many, own_catalogs())));
}

TEST_CASE("a training step's parts add up, and none is negative", "[validation][training]") {
  const auto row = row_of("nvidia_gb200", 512, 896, 4);
  const TrainingStep step = predicted_step(row, own_catalogs());
  for (const double part :
       {step.compute_s, step.tensor_s, step.expert_s, step.bubble_s, step.data_s, step.straggler_s})
    CHECK(part >= 0);
  CHECK(step.expert_s == 0);
  CHECK(step.compute_s > 0.5 * step.total_s());
}

TEST_CASE("a cut that does not divide the batch is refused", "[validation][training]") {
  const auto row = row_of("nvidia_h100_sxm", 512, 1150, 8);
  CHECK(fault_of([&] { predicted_step(row, own_catalogs()); }) ==
        "mlperf_training: a batch of 1150 sequences is no multiple of 4 replicas x 1.");
}

TEST_CASE("runs of a system are one row, of their median step; others are noted",
          "[validation][training]") {
  const DataFolder data;
  data.write("runs.csv", std::string(kHeader) +
                             "s,llama31_405b,64,8,NVIDIA H100-SXM5-80GB,success,1152,8192,55\n"
                             "s,llama31_405b,64,8,NVIDIA H100-SXM5-80GB,success,1152,8192,57\n"
                             "s,llama31_405b,64,8,TPU,success,1152,8192,57\n"
                             "s,bert,64,8,TPU,success,,,\n");
  std::vector<std::string> notes;
  const auto rows = read_mlperf_training(data.root(), notes);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].step_s == 56);
  CHECK(rows[0].cut.gpus == 512);
  CHECK(notes.size() == 1);
}

TEST_CASE(
    "MLPerf's steps of Llama 3.1 405B are met within 10 %, and its scaling loss within 4 points",
    "[validation][training]") {
  const char* data = std::getenv("PLIMSOLL_DATA");
  if (!data || !std::filesystem::is_directory(std::filesystem::path(data) / "mlperf_training")) {
    std::cout << "skipped: $PLIMSOLL_DATA holds no mlperf_training\n";
    return;
  }
  ValidationContext context;
  context.catalogs = own_catalogs();
  std::map<int, std::pair<double, double>> h100;  // by GPUs: measured, predicted
  for (const Prediction& prediction : validate_mlperf_training(data, context)) {
    INFO(prediction.row << ": " << prediction.measured << ", predicted " << prediction.predicted);
    CHECK(std::abs(prediction.error()) < 0.10);
    const std::size_t gpus = prediction.row.find(", ") + 2;
    if (prediction.slice.starts_with("nvidia_h100"))
      h100[std::stoi(prediction.row.substr(gpus))] = {prediction.measured, prediction.predicted};
  }
  if (!h100.contains(512) || !h100.contains(8192)) return;
  const double measured = 1 - h100[8192].first / h100[512].first;
  const double predicted = 1 - h100[8192].second / h100[512].second;
  CHECK(std::abs(predicted - measured) < 0.04);
}

}  // namespace plimsoll
