// Set mlperf_inference: tokens per second of whole systems, and their ranking.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/mlperf_rows.hpp"
#include "planner/validation/serving_rate.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

/// What one GPU of a kind yields, as the best of the cuts tried.
struct Yield {
  std::map<std::string, double> tokens_per_s;  ///< by scenario; absent: its limits cannot be held
  std::string level;
  bool extrapolating = false;
};

/// One question to the models: a workload on one kind of GPU under one engine.
struct Question {
  const MlperfWorkload* workload = nullptr;
  std::string gpu;
  std::string engine;

  std::string key() const { return fmt::format("{} {} {}", gpu, engine, workload->model); }
};

constexpr std::int32_t kMostTensor = 8;
/// Room for this many sequences of mean length, or the model is cut once more.
constexpr std::int64_t kLeastSequences = 32;

/// Tokens per step that a submitter may choose: long steps for throughput, short ones for tokens in time.
constexpr std::array kBudgets{16384, 2048};

ServingSpec spec_of(const Question& question, const GpuSpec& gpu, const ModelSpec& model,
                    std::int32_t tensor, std::int32_t budget) {
  ServingSpec spec;
  spec.model = model.name;
  spec.gpu = question.gpu;
  spec.engine = question.engine;
  const bool mixture = model.mixture.has_value();
  spec.dtype = gpu.fp4_dense   ? "nvfp4"
               : gpu.fp8_dense ? (mixture && model.latent_attention ? "fp8_block" : "fp8")
                               : "bf16";
  spec.kv_cache_dtype = gpu.fp8_dense ? "fp8" : "auto";
  spec.parallelism.tensor = tensor;
  spec.prefix_caching = false;
  spec.max_num_batched_tokens = budget;
  const MlperfWorkload& load = *question.workload;
  spec.max_model_len = std::min(model.max_context, 2 * (load.prompt_tokens + load.output_tokens));
  return spec;
}

std::optional<ServingDeployment> deploy(Deployer& deployer, const ServingSpec& spec,
                                        const MlperfWorkload& load) {
  try {
    ServingDeployment served = deployer.deploy(spec, load.prefix);
    const std::int64_t room =
        served.kv_blocks * served.block_size / (load.prompt_tokens + load.output_tokens);
    if (room < kLeastSequences && spec.parallelism.tensor < kMostTensor) return std::nullopt;
    return served;
  } catch (const ConfigError&) {
    return std::nullopt;  // it does not fit in that many GPUs, or cannot be cut so
  }
}

void offer(Yield& yield, const std::string& scenario, double tokens_per_s) {
  if (tokens_per_s <= 0) return;
  double& best = yield.tokens_per_s[scenario];
  best = std::max(best, tokens_per_s);
}

void try_cut(const ServingDeployment& served, const MlperfWorkload& load, Yield& yield) {
  const double gpus = served.parallelism.gpus();
  const LoadShape shape{load.prompt_tokens, load.output_tokens};
  const double saturated = saturated_rate(served, shape);
  offer(yield, "Offline", saturated / gpus);
  const LatencyLimits server{load.server_ttft_s, load.server_tpot_s};
  offer(yield, "Server", limited_rate(served, shape, server, saturated) / gpus);
  if (!load.interactive_ttft_s || !load.interactive_tpot_s) return;
  const LatencyLimits interactive{*load.interactive_ttft_s, *load.interactive_tpot_s};
  offer(yield, "Interactive", limited_rate(served, shape, interactive, saturated) / gpus);
}

/// The smallest cut with room, and the next, each with both budgets: what the best of them yields.
Yield answer(const Question& question, const ValidationContext& context) {
  Deployer deployer(context.catalogs);
  const Position asked{question.workload->prefix, 0, 0};
  const GpuSpec gpu = deployer.hardware().gpu(question.gpu, asked);
  const ModelSpec model = deployer.workloads().model(question.workload->model, asked);
  Yield yield;
  int tried = 0;
  for (std::int32_t tensor = 1; tensor <= kMostTensor && tried < 2; tensor *= 2) {
    bool fits = false;
    for (const std::int32_t budget : kBudgets) {
      const auto served =
          deploy(deployer, spec_of(question, gpu, model, tensor, budget), *question.workload);
      if (!served) continue;
      fits = true;
      yield.level = served->level;
      yield.extrapolating = !served->extrapolations.empty();
      try_cut(*served, *question.workload, yield);
    }
    tried += fits ? 1 : 0;
  }
  return yield;
}

class MlperfSet {
 public:
  MlperfSet(const MlperfData& data, ValidationContext& context)
      : data_(data),
        context_(context),
        workloads_(read_mlperf_workloads(shipped_data() / "planner" / "validation" / "recipes" /
                                         "mlperf.yaml")),
        gpus_(HardwareCatalog(context.catalogs).gpus().names()) {}

  std::vector<Prediction> run() {
    collect_questions();
    std::vector<Yield> answers(questions_.size());
    in_parallel(questions_.size(), context_.threads,
                [&](std::size_t i) { answers[i] = answer(questions_[i], context_); });
    for (std::size_t i = 0; i < answers.size(); ++i) yields_[questions_[i].key()] = answers[i];
    std::vector<Prediction> predictions;
    for (const MlperfRow& row : data_.rows)
      if (const auto prediction = predict(row)) predictions.push_back(*prediction);
    anchor(predictions);
    rank_systems(predictions);
    context_.notes.push_back(fmt::format(
        "mlperf_inference: {} results of the closed division, {} used; left out: {} of no "
        "language model or a GPU that the catalogue lacks, {} repeats for another accuracy; {} "
        "are open",
        data_.rows.size() + static_cast<std::size_t>(data_.repeated), data_.rows.size() - unknown_,
        unknown_, data_.repeated, data_.open_division));
    return predictions;
  }

 private:
  const MlperfWorkload* workload_of(const MlperfRow& row) const {
    for (const MlperfWorkload& workload : workloads_)
      if (row.model.starts_with(workload.prefix)) return &workload;
    return nullptr;
  }

  /// One per kind of accelerator; nullopt: something about the row is unknown.
  std::optional<std::vector<Question>> questions_of(const MlperfRow& row) const {
    const MlperfWorkload* workload = workload_of(row);
    if (workload == nullptr) return std::nullopt;
    std::vector<Question> questions;
    for (const MlperfAccelerators& kind : row.accelerators) {
      const std::string gpu = match_gpu(gpus_, kind.name);
      if (gpu.empty()) return std::nullopt;
      const bool vllm = gpu.starts_with("amd_") || row.system.find("vLLM") != std::string::npos;
      questions.push_back({workload, gpu, vllm ? "vllm-0.15" : "tensorrt-llm-1"});
    }
    return questions;
  }

  void collect_questions() {
    std::map<std::string, Question> asked;
    for (const MlperfRow& row : data_.rows)
      for (const Question& question : questions_of(row).value_or(std::vector<Question>{}))
        asked.emplace(question.key(), question);
    for (const auto& [key, question] : asked) questions_.push_back(question);
  }

  std::optional<Prediction> predict(const MlperfRow& row) {
    const auto questions = questions_of(row);
    if (!questions) return ++unknown_, std::nullopt;
    Prediction prediction{.set = "mlperf_inference",
                          .slice = fmt::format("{} {}", questions->front().key(), row.scenario),
                          .row = fmt::format("{} {} {}", row.place, row.organisation, row.system),
                          .metric = "output_tokens_per_s"};
    prediction.measured = row.tokens_per_s;
    for (std::size_t i = 0; i < questions->size(); ++i) {
      const Yield& yield = yields_.at((*questions)[i].key());
      const auto rate = yield.tokens_per_s.find(row.scenario);
      if (rate == yield.tokens_per_s.end()) {
        context_.notes.push_back(fmt::format(
            "mlperf_inference: {}: the models hold the limits of {} at no rate, or do not fit",
            prediction.row, prediction.slice));
        return std::nullopt;
      }
      prediction.predicted += rate->second * row.accelerators[i].count;
      prediction.level = yield.level;
      prediction.extrapolating = prediction.extrapolating || yield.extrapolating;
    }
    return prediction;
  }

  /// Two anchors per GPU, engine and model, by place in the data: its first Offline result scales the offline ones, its
  /// first Server (or else Interactive) result the online ones.
  static void anchor(std::vector<Prediction>& predictions) {
    const std::size_t unanchored = predictions.size();
    const auto key_of = [&](const std::string& slice) {
      const std::string deployment = slice.substr(0, slice.rfind(' '));
      return deployment + (slice.ends_with("Offline") ? " offline" : " online");
    };
    std::map<std::string, std::size_t> anchors;
    for (const char* scenario : {"Offline", "Server", "Interactive"})
      for (std::size_t i = 0; i < unanchored; ++i)
        if (predictions[i].slice.ends_with(scenario))
          anchors.emplace(key_of(predictions[i].slice), i);
    for (std::size_t i = 0; i < unanchored; ++i) {
      Prediction anchored = predictions[i];
      const std::size_t by = anchors.at(key_of(anchored.slice));
      anchored.predicted *= predictions[by].measured / predictions[by].predicted;
      anchored.anchor_point = by == i;
      anchored.level = "anchored";
      predictions.push_back(anchored);
    }
  }

  /// Systems of the same GPUs are one system to the models: the median of their results takes part in the ranking.
  static void rank_systems(std::vector<Prediction>& predictions) {
    std::map<std::string, std::vector<double>> measured;
    std::map<std::string, Prediction> systems;
    for (const Prediction& prediction : predictions) {
      if (prediction.level == "anchored") continue;
      const std::string key = fmt::format("{} {:.9g}", prediction.slice, prediction.predicted);
      measured[key].push_back(prediction.measured);
      systems.emplace(key, prediction);
    }
    for (auto& [key, system] : systems) {
      const std::string& slice = system.slice;  // "<gpu> <engine> <model> <scenario>"
      system.ranked_among = slice.substr(slice.find(' ', slice.find(' ') + 1) + 1);
      system.slice = "all systems";
      system.metric = "system_tokens_per_s";
      system.measured = sample_quantile(measured.at(key), 0.5);
      predictions.push_back(system);
    }
  }

  const MlperfData& data_;
  ValidationContext& context_;
  std::vector<MlperfWorkload> workloads_;
  std::vector<std::string> gpus_;
  std::vector<Question> questions_;
  std::map<std::string, Yield> yields_;
  std::size_t unknown_ = 0;
};

}  // namespace

std::vector<Prediction> validate_mlperf_inference(const std::filesystem::path& data,
                                                  ValidationContext& context) {
  return MlperfSet(read_mlperf(data / "mlperf_inference"), context).run();
}

}  // namespace plimsoll
