// Engine steps of vLLM on H100, sampled: the period between the starts of two sampled steps over the number of steps in
// between. The first of them is the sampled batch; of the others only the state at both ends is known, and they are
// taken to decode what runs half-way.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "planner/validation/batch_time.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/step_study.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

constexpr const char* kSet = "vllm_steps_h100";
constexpr const char* kGpu = "nvidia_h100_sxm";
constexpr const char* kEngine = "vllm-0.15";
constexpr int kBlockTokens = 16;

/// What one sampled step tells.
struct Sample {
  std::string place;
  double id = 0;
  double start_ns = 0;
  std::int32_t decoding = 0;
  EvenPrefill prefill;
  double context = 0;  ///< tokens in the KV cache, of all running sequences

  std::int32_t running() const { return decoding + prefill.prompts; }
};

struct Experiment {
  std::string model;
  std::int32_t tensor = 1;
  std::int64_t kv_blocks = 0;
  std::vector<Sample> samples;
};

std::int32_t whole(const DataTable& table, std::size_t row, std::string_view column) {
  const double value = table.number(row, column);
  if (value < 0 || value > 1e9 || value != static_cast<std::int32_t>(value))
    table.refuse(row, column, "is not a whole number from 0 to 1000000000.");
  return static_cast<std::int32_t>(value);
}

Sample sample_of(const DataTable& table, std::size_t row) {
  Sample sample;
  sample.place = table.place(row);
  sample.id = table.number(row, "step.id");
  sample.start_ns = table.number(row, "step.ts_start_ns");
  sample.decoding = whole(table, row, "batch.num_decode_reqs");
  sample.prefill.prompts = whole(table, row, "batch.num_prefill_reqs");
  sample.prefill.new_tokens = whole(table, row, "batch.prefill_tokens");
  const double used = table.number(row, "kv.usage_gpu_ratio");
  if (used < 0 || used > 1) table.refuse(row, "kv.usage_gpu_ratio", "is outside [0, 1].");
  // The last block of a sequence is half full in the mean.
  const double full = used * table.count(row, "kv.blocks_total_gpu") - 0.5 * sample.running();
  sample.context = std::max<double>(sample.running(), full * kBlockTokens);
  return sample;
}

using Experiments = std::map<std::string, Experiment>;

void read(const std::filesystem::path& file, Experiments& experiments) {
  const DataTable table(
      file, {"step.id", "step.ts_start_ns", "batch.num_prefill_reqs", "batch.num_decode_reqs",
             "batch.prefill_tokens", "kv.usage_gpu_ratio", "kv.blocks_total_gpu", "experiment_id",
             "model", "tp"});
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Experiment& experiment = experiments[table.text(row, "experiment_id")];
    experiment.model = table.text(row, "model");
    experiment.tensor = table.count(row, "tp");
    experiment.kv_blocks = table.count(row, "kv.blocks_total_gpu");
    experiment.samples.push_back(sample_of(table, row));
    if (experiment.samples.size() < 2) continue;
    const Sample& before = experiment.samples[experiment.samples.size() - 2];
    const Sample& now = experiment.samples.back();
    if (now.id <= before.id) table.refuse(row, "step.id", "does not follow the row before it.");
    if (now.start_ns <= before.start_ns)
      table.refuse(row, "step.ts_start_ns", "does not follow the row before it.");
  }
}

StepRow step_between(const Sample& first, const Sample& next) {
  const double steps = next.id - first.id;
  StepRow row;
  row.row = first.place;
  row.load = first.running();
  row.sequences = std::max(first.running(), next.running());
  row.met.sequences = row.sequences;
  row.met.step_tokens = first.decoding + static_cast<double>(first.prefill.new_tokens);
  if (first.prefill.prompts > 0)
    row.met.prompt_tokens =
        static_cast<double>(first.prefill.new_tokens + first.prefill.cached_tokens) /
        first.prefill.prompts;
  row.measured_s = (next.start_ns - first.start_ns) * 1e-9 / steps;
  row.predicted_s = [first, next, steps](const ServingDeployment& deployment) {
    const auto context = static_cast<std::int64_t>(first.context);
    const double sampled = mixed_step_s(deployment, first.prefill, first.decoding, context);
    if (steps <= 1) return sampled;
    const std::int32_t running = std::max(1, (first.running() + next.running()) / 2);
    const double others = decode_step_s(
        deployment, running, static_cast<std::int64_t>((first.context + next.context) / 2));
    return (sampled + (steps - 1) * others) / steps;
  };
  return row;
}

StepStudy study_of(const Experiment& experiment) {
  StepStudy study;
  study.set = kSet;
  study.cut = fmt::format("tp{}", experiment.tensor);
  study.metric = "step_period_ms";
  study.spec.model = experiment.model;
  study.spec.gpu = kGpu;
  study.spec.engine = kEngine;
  study.spec.parallelism.tensor = experiment.tensor;
  study.spec.num_gpu_blocks = experiment.kv_blocks;
  for (std::size_t i = 0; i + 1 < experiment.samples.size(); ++i)
    if (experiment.samples[i].running() > 0)
      study.rows.push_back(step_between(experiment.samples[i], experiment.samples[i + 1]));
  return study;
}

}  // namespace

std::vector<Prediction> validate_vllm_steps(const std::filesystem::path& data,
                                            ValidationContext& context) {
  Experiments experiments;
  for (const auto& file : measurement_files(data / kSet, "enriched_steps")) read(file, experiments);
  std::vector<Prediction> predictions;
  Deployer deployer(context.catalogs);
  for (const auto& [name, experiment] : experiments) {
    std::string note;
    for (Prediction& prediction : predict(study_of(experiment), deployer, note))
      predictions.push_back(std::move(prediction));
    if (!note.empty()) context.notes.push_back(note);
  }
  return predictions;
}

}  // namespace plimsoll
