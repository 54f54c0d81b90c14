// Set mlperf_inference: tokens per second of whole systems, and their ranking.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/in_parallel.hpp"
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

/// How a submitter may cut the model over GPUs, and how many tokens a step may have: long steps for
/// throughput, short ones for tokens in time.
struct Setting {
  std::int32_t tensor = 1;
  std::int32_t pipeline = 1;
  std::int32_t budget = 0;
  std::int32_t answer_tokens = 0;  ///< of each sequence that memory is to have room for
};

constexpr std::int32_t kMostGpus = 8;
constexpr std::int32_t kMostStages = 2;
/// Room for this many sequences of mean length, or the model is cut once more.
constexpr std::int64_t kLeastSequences = 32;

// What the settings of published submissions have in common (mlcommons/inference_results_v5.0,
// closed/NVIDIA/configs; v5.1, closed/AMD/code/*/harness_llm/models): batches of 640 to 3,072
// sequences, tuned to what memory holds; steps of 1,024 to 40,960 tokens; nearly all of the memory
// (0.90 to 0.98); Llama 2 70B on H100 in two pipeline stages; kv_cache_dtype fp8.
constexpr std::array kBudgets{16384, 8192, 4096, 2048, 1024};
constexpr std::int32_t kMostSequences = 2048;
constexpr double kMemoryShare = 0.95;

/// The narrowest format of weights that the GPU multiplies. On Hopper, experts in plain fp8 were
/// measured to be slower than in bf16: block-scaled fp8 stands in for what submitters run.
const char* dtype_for(const GpuSpec& gpu, const ModelSpec& model) {
  if (gpu.fp4_dense) return "nvfp4";
  if (!gpu.fp8_dense) return "bf16";
  return model.mixture ? "fp8_block" : "fp8";
}

ServingSpec spec_of(const Question& question, const GpuSpec& gpu, const ModelSpec& model,
                    const Setting& setting) {
  ServingSpec spec;
  spec.model = model.name;
  spec.gpu = question.gpu;
  spec.engine = question.engine;
  spec.dtype = dtype_for(gpu, model);
  spec.kv_cache_dtype = gpu.fp8_dense ? "fp8" : "auto";
  spec.parallelism.tensor = setting.tensor;
  spec.parallelism.pipeline = setting.pipeline;
  spec.prefix_caching = false;
  spec.gpu_memory_utilization = kMemoryShare;
  spec.max_num_batched_tokens = setting.budget;
  const MlperfWorkload& load = *question.workload;
  spec.max_model_len = std::min(model.max_context, 2 * (load.prompt_tokens + load.output_tokens));
  return spec;
}

/// Twice: the batch is what memory turns out to have room for.
std::optional<ServingDeployment> deploy(Deployer& deployer, ServingSpec spec,
                                        const MlperfWorkload& load, std::int32_t answer_tokens) {
  try {
    spec.max_num_seqs = 1;
    const ServingDeployment empty = deployer.deploy(spec, load.prefix);
    const std::int64_t room =
        empty.kv_blocks * empty.block_size / (load.prompt_tokens + answer_tokens);
    if (room < kLeastSequences && spec.parallelism.gpus() < kMostGpus) return std::nullopt;
    spec.max_num_seqs =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(room, 1, kMostSequences));
    return deployer.deploy(spec, load.prefix);
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

/// The fewest GPUs with room, and the next number of them, each cut in all ways: what the best of
/// the settings yields.
Yield answer(const Question& question, const ValidationContext& context) {
  Deployer deployer(context.catalogs);
  const Position asked{question.workload->prefix, 0, 0};
  const GpuSpec gpu = deployer.hardware().gpu(question.gpu, asked);
  const ModelSpec model = deployer.workloads().model(question.workload->model, asked);
  Yield yield;
  const auto try_setting = [&](const Setting& setting) {
    const auto served = deploy(deployer, spec_of(question, gpu, model, setting), *question.workload,
                               setting.answer_tokens);
    if (!served) return false;
    yield.level = served->level;
    yield.extrapolating = !served->extrapolations.empty();
    try_cut(*served, *question.workload, yield);
    return true;
  };
  const std::int32_t answers = question.workload->output_tokens;
  int tried = 0;
  for (std::int32_t gpus = 1; gpus <= kMostGpus && tried < 2; gpus *= 2) {
    bool fits = false;
    for (std::int32_t stages = 1; stages <= std::min(gpus, kMostStages); stages *= 2)
      for (const std::int32_t budget : kBudgets)
        for (const std::int32_t answer : {answers, answers / 2})
          fits = try_setting({gpus / stages, stages, budget, answer}) || fits;
    tried += fits ? 1 : 0;
  }
  return yield;
}

/// AMD's harness runs vLLM's V0 engine: several steps are scheduled at once, prompts are not cut
/// (num_scheduler_steps, enable_chunked_prefill: False). Others that name vLLM had that of summer
/// 2025.
const char* engine_of(const MlperfRow& row, const std::string& gpu) {
  if (gpu.starts_with("amd_")) return "vllm-0.6";
  return row.system.find("vLLM") != std::string::npos ? "vllm-0.11" : "tensorrt-llm-1";
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
      questions.push_back({workload, gpu, engine_of(row, gpu)});
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
