#include "planner/validation/mlperf_training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string_view>

#include "core/error.hpp"
#include "hardware/hardware_catalog.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/step_study.hpp"
#include "workloads/jobs/training_job_config.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

namespace {

constexpr std::string_view kBenchmark = "llama31_405b";
constexpr const char* kModel = "llama-3.1-405b";
constexpr std::int32_t kPipeline = 8;
constexpr std::int32_t kVirtualStages = 8;
constexpr std::int32_t kContext = 2;

/// An accelerator as submitters write it, and how they cut the model on it.
struct Submission {
  std::string_view accelerator;
  const char* gpu;
  const char* node;
  const char* fabric;
  std::int32_t tensor;
};
constexpr std::array kSubmissions{
    Submission{"H100-SXM", "nvidia_h100_sxm", "hgx_h100_8", "rail_optimized", 8},
    Submission{"H200-SXM", "nvidia_h200_sxm", "hgx_h200_8", "rail_optimized", 4},
    Submission{"GB200", "nvidia_gb200", "gb200_nvl72", "nvl72", 4},
};

const Submission* submission_on(const std::string& accelerator) {
  const auto found = std::find_if(kSubmissions.begin(), kSubmissions.end(), [&](const auto& one) {
    return accelerator.find(one.accelerator) != std::string::npos;
  });
  return found == kSubmissions.end() ? nullptr : &*found;
}

double median(std::vector<double> values) { return sample_quantile(std::move(values), 0.5); }

const Submission& submission_of(const std::string& gpu) {
  const auto found = std::find_if(kSubmissions.begin(), kSubmissions.end(),
                                  [&](const Submission& one) { return one.gpu == gpu; });
  if (found == kSubmissions.end())
    throw ConfigError(Position{}, fmt::format("nothing was submitted on {}.", gpu));
  return *found;
}

}  // namespace

std::vector<MlperfTrainingRow> read_mlperf_training(const std::filesystem::path& folder,
                                                    std::vector<std::string>& notes) {
  std::map<std::string, MlperfTrainingRow> systems;
  std::map<std::string, std::vector<double>> steps;
  std::map<std::string, std::size_t> left_out;
  for (const auto& file : measurement_files(folder, "runs")) {
    const DataTable table(file, {"system", "benchmark", "nodes", "accel_per_node", "accel",
                                 "status", "gbs", "seq_len", "median_step_s"});
    for (std::size_t i = 0; i < table.rows(); ++i) {
      if (table.text(i, "benchmark") != kBenchmark) continue;
      const std::string& accelerator = table.text(i, "accel");
      const Submission* submission = submission_on(accelerator);
      if (!submission || table.text(i, "status") != "success" || table.blank(i, "median_step_s")) {
        ++left_out[accelerator];
        continue;
      }
      MlperfTrainingRow& row = systems[table.text(i, "system")];
      row.system = table.text(i, "system");
      row.gpu = submission->gpu;
      row.cut.gpus = table.count(i, "nodes") * table.count(i, "accel_per_node");
      row.gpus_per_node = table.count(i, "accel_per_node");
      row.cut.tensor = submission->tensor;
      row.cut.pipeline = kPipeline;
      row.cut.context = kContext;
      row.cut.virtual_stages = kVirtualStages;
      row.cut.batch = table.count(i, "gbs");
      row.cut.sequence = table.count(i, "seq_len");
      steps[row.system].push_back(table.positive(i, "median_step_s"));
    }
  }
  for (const auto& [accelerator, runs] : left_out)
    notes.push_back(fmt::format(
        "mlperf_training: {} runs on {} left out: without a training law, steps or success", runs,
        accelerator));
  std::vector<MlperfTrainingRow> rows;
  for (auto& [system, row] : systems) {
    row.step_s = median(steps[system]);
    rows.push_back(row);
  }
  return rows;
}

TrainingStep predicted_step(const MlperfTrainingRow& row,
                            const std::vector<std::filesystem::path>& catalogs) {
  const Position asked{"mlperf_training"};
  HardwareCatalog hardware(catalogs);
  WorkloadCatalog workloads(catalogs);
  const Submission& submission = submission_of(row.gpu);
  const std::int32_t nodes = row.cut.gpus / row.gpus_per_node;
  ClusterTopology cluster;
  cluster.add({"nodes",
               {hardware.node(submission.node, asked), hardware.topology(submission.node, asked)},
               hardware.fabric(submission.fabric, asked),
               nodes},
              asked);
  const auto places = std::make_shared<const TrainingPlaces>(
      cluster, std::vector{hardware.gpu(submission.gpu, asked)}, std::vector<std::string>{},
      workloads);
  JobSpec job;
  job.gang.push_back({nodes, {.gpus = row.gpus_per_node}});
  TrainingJobConfig config;
  config.model = kModel;
  config.steps = 1;
  config.precision = TrainingPrecision::fp8;
  config.tensor = row.cut.tensor;
  config.pipeline = row.cut.pipeline;
  config.context = row.cut.context;
  config.virtual_stages = row.cut.virtual_stages;
  config.batch = row.cut.batch;
  config.sequence = row.cut.sequence;
  const auto trained = make_training_job(config, job, places, workloads, asked);
  return trained->step(places->packed(0, row.cut.gpus));
}

std::vector<Prediction> validate_mlperf_training(const std::filesystem::path& data,
                                                 ValidationContext& context) {
  std::vector<Prediction> predictions;
  for (const MlperfTrainingRow& row :
       read_mlperf_training(data / "mlperf_training", context.notes)) {
    Prediction prediction;
    prediction.set = "mlperf_training";
    prediction.slice = fmt::format("{} {}", row.gpu, kModel);
    prediction.row = fmt::format("{}, {} GPUs, batch {}", row.system, row.cut.gpus, row.cut.batch);
    prediction.metric = "tokens_per_s_per_gpu";
    prediction.level = "training law";
    prediction.measured =
        static_cast<double>(row.cut.batch) * row.cut.sequence / row.cut.gpus / row.step_s;
    prediction.predicted = tokens_per_s_per_gpu(row.cut, predicted_step(row, context.catalogs));
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

}  // namespace plimsoll
