#include "workloads/step_time/training_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/portable_math.hpp"
#include "workloads/parameter_count.hpp"

namespace plimsoll {

namespace {

/// bf16 activations; gradients and parameters cross between replicas as bf16, one after the other.
constexpr double kActivation = 2;
constexpr double kGradientAndParameter = 4;
/// Bytes that kernels other than matrix products move per token, layer and hidden unit, forward and backward. Chosen so
/// that Llama 3 of 8B to 405B fit one efficiency per GPU generation (NVIDIA-NeMo/Megatron-Bridge 00b7660be025,
/// docs/performance-summary.md, FP8-CS).
constexpr double kElementwise = 350;

/// A model, its cut and its place: what all parts of a step are reckoned from.
class StepParts {
 public:
  StepParts(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus)
      : model_(model), cut_(cut), gpus_(gpus) {
    micro_batches_ = static_cast<double>(cut.micro_batches());
    tokens_ = static_cast<double>(cut.sequence) / cut.context * cut.micro_batch;
  }

  double compute_s(double efficiency) const;
  double attention_s(double efficiency) const {
    return gpu_tokens() * attention_flop() / (gpus_.bf16_rate.count() * efficiency);
  }
  double tensor_s() const;
  double context_s() const;
  double expert_s() const;
  double stage_to_stage_s() const;
  double data_s() const;

 private:
  double gpu_tokens() const { return tokens_ * micro_batches_ / cut_.tensor / cut_.pipeline; }
  double attention_flop() const {
    const double heads = static_cast<double>(model_.heads) * model_.head_dim;
    return 6.0 * heads * model_.attention_layers() * cut_.sequence;
  }
  double layers_here(std::int32_t layers) const {
    return static_cast<double>(layers) / cut_.pipeline;
  }
  std::int64_t together(std::int64_t members, std::int64_t stride) const;
  std::int64_t sharers_together() const;
  double ring_rate(std::int64_t members, std::int64_t in_island) const;
  double neighbour_rate(std::int64_t span) const;

  const ModelSpec& model_;
  const TrainingCut& cut_;
  const TrainingGpus& gpus_;
  double micro_batches_ = 0;
  double tokens_ = 0;  ///< of a micro-batch that a GPU sees
};

double StepParts::compute_s(double efficiency) const {
  const double head = 6.0 * model_.hidden * model_.vocab;
  const double layers = 6.0 * static_cast<double>(parameter_count(model_).active) - head;
  const double products = layers / gpus_.rate.count() + head / gpus_.bf16_rate.count();
  const double moved = kElementwise * model_.hidden * model_.layers;
  return gpu_tokens() * (products / efficiency + moved / gpus_.memory_bandwidth.count()) +
         attention_s(efficiency);
}

/// Of a group of consecutive ranks, every `stride`-th: so many at least of each island that it touches.
std::int64_t StepParts::together(std::int64_t members, std::int64_t stride) const {
  if (gpus_.islands == 1) return members;
  const std::int64_t whole = std::gcd(std::int64_t{gpus_.aligned}, members * stride);
  return std::max<std::int64_t>(1, whole / stride);
}

/// Of the GPUs that hold the same part of the model: those of a replica's context lie next to each other, replicas are
/// apart by a replica's GPUs.
std::int64_t StepParts::sharers_together() const {
  if (cut_.replicas() == 1 || gpus_.fewest < cut_.replica_gpus())
    return together(cut_.context, cut_.tensor);
  return gpus_.islands == 1 ? cut_.context * cut_.replicas()
                            : cut_.context * (gpus_.fewest / cut_.replica_gpus());
}

/// Of one GPU in a ring over its group: rings enter and leave an island by the NIC of each member there.
double StepParts::ring_rate(std::int64_t members, std::int64_t in_island) const {
  if (in_island >= members) return gpus_.island_bandwidth.count();
  const double out = gpus_.network_bandwidth.count() * static_cast<double>(in_island);
  return in_island == 1 ? out : std::min(gpus_.island_bandwidth.count(), out);
}

/// Of one GPU to its neighbour, in blocks of `span` consecutive ranks.
double StepParts::neighbour_rate(std::int64_t span) const {
  return (together(span, 1) == span ? gpus_.island_bandwidth : gpus_.network_bandwidth).count();
}

/// Of each GPU, over all layers, forward and backward, for the whole step: two all-reduces per layer and direction.
double StepParts::tensor_s() const {
  if (cut_.tensor == 1) return 0;
  const double moved =
      2.0 * (cut_.tensor - 1) / cut_.tensor * tokens_ * model_.hidden * kActivation;
  const double reduces = 4.0 * layers_here(model_.layers) * micro_batches_;
  return reduces * moved / ring_rate(cut_.tensor, together(cut_.tensor, 1));
}

/// Keys and values of the other GPUs' tokens, forward and backward, and their gradients (Liu et al., "Ring Attention
/// with Blockwise Transformers", 2023).
double StepParts::context_s() const {
  if (cut_.context == 1) return 0;
  const double kept = static_cast<double>(
      kv_bytes_per_token(model_, quantization_of(Precision::bf16), cut_.tensor).count());
  const double moved = tokens_ * (cut_.context - 1) * kept / cut_.pipeline;
  return 3.0 * moved * micro_batches_ / neighbour_rate(std::int64_t{cut_.tensor} * cut_.context);
}

/// To the experts and back, forward and backward: each token once per expert that it is routed to. Those in the island
/// are reached over it while the network carries the rest.
double StepParts::expert_s() const {
  if (!model_.mixture || cut_.expert == 1) return 0;
  const double tokens = tokens_ / cut_.tensor * model_.mixture->experts_per_token;
  const double passes = 4.0 * layers_here(model_.mixture_layers()) * micro_batches_;
  const double moved = passes * tokens * model_.hidden * kActivation / cut_.expert;
  const auto near = static_cast<double>(std::min<std::int64_t>(cut_.expert, sharers_together()));
  const double inside = moved * (near - 1) / gpus_.island_bandwidth.count();
  if (near >= cut_.expert) return inside;
  return std::max(inside, moved * (cut_.expert - near) / gpus_.network_bandwidth.count());
}

/// One micro-batch's activations to the next stage; the tensor group's GPUs carry a part each (Narayanan et al.,
/// section 4.1).
double StepParts::stage_to_stage_s() const {
  if (cut_.pipeline == 1) return 0;
  return tokens_ * model_.hidden * kActivation / cut_.tensor / neighbour_rate(cut_.replica_gpus());
}

/// Gradients are reduced and scattered, parameters gathered, over all GPUs that hold the same part of the model: of
/// experts there are fewer.
double StepParts::data_s() const {
  const std::int64_t sharers = cut_.replicas() * cut_.context;
  if (sharers == 1) return 0;
  const auto share = [](double group) { return (group - 1) / group; };
  const auto parts = static_cast<double>(cut_.tensor) * cut_.pipeline;
  const ParameterCount count = parameter_count(model_);
  const auto experts = static_cast<double>(count.experts);
  const double rest = static_cast<double>(count.total) - experts;
  const auto group = static_cast<double>(sharers);
  const double moved = rest * share(group) + experts / cut_.expert * share(group / cut_.expert);
  return moved / parts * kGradientAndParameter / ring_rate(sharers, sharers_together());
}

}  // namespace

std::string parse_scalar(std::string_view text, TrainingPrecision& out) {
  if (text != "bf16" && text != "fp8") return "is no precision of training; write bf16 or fp8";
  out = text == "bf16" ? TrainingPrecision::bf16 : TrainingPrecision::fp8;
  return {};
}

std::string scalar_text(TrainingPrecision precision) {
  return precision == TrainingPrecision::bf16 ? "bf16" : "fp8";
}

void check_cut(const TrainingCut& cut, std::vector<std::string>& problems) {
  for (const std::int32_t value :
       {cut.gpus, cut.tensor, cut.pipeline, cut.context, cut.virtual_stages, cut.expert, cut.batch,
        cut.micro_batch, cut.sequence}) {
    if (value >= 1) continue;
    problems.emplace_back("every number of a training job's cut is at least 1.");
    return;
  }
  if (cut.gpus % cut.replica_gpus() != 0) {
    problems.push_back(fmt::format("{} GPUs are no multiple of tensor x pipeline x context = {}.",
                                   cut.gpus, cut.replica_gpus()));
    return;
  }
  if (cut.batch % (cut.replicas() * cut.micro_batch) != 0)
    problems.push_back(fmt::format("a batch of {} sequences is no multiple of {} replicas x {}.",
                                   cut.batch, cut.replicas(), cut.micro_batch));
  if (cut.replicas() * cut.context % cut.expert != 0)
    problems.push_back(fmt::format("expert = {} does not divide {} replicas x context = {}.",
                                   cut.expert, cut.replicas(), cut.replicas() * cut.context));
}

TrainingStep training_step(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus,
                           const TrainingLaw& law) {
  const StepParts parts(model, cut, gpus);
  const double efficiency = law.efficiency.value;
  const double stages = cut.pipeline - 1;
  const double passes = static_cast<double>(cut.virtual_stages * cut.micro_batches());
  const double crossing = parts.stage_to_stage_s();
  TrainingStep step;
  step.compute_s = parts.compute_s(efficiency);
  step.tensor_s = parts.tensor_s() * (1 - law.tensor_overlap.value);
  step.context_s = std::max(0.0, parts.context_s() - parts.attention_s(efficiency));
  step.expert_s = parts.expert_s();
  step.pipeline_s = 2 * stages * crossing + std::max(0.0, 2 * passes * crossing - step.compute_s);
  const double busy = step.compute_s + step.tensor_s + step.context_s + step.expert_s;
  step.bubble_s = busy * stages / passes;
  step.data_s = parts.data_s() * (1 - law.data_overlap.value);
  const double slow = (gpus.slowdown - 1) * step.compute_s * (1 + stages / passes);
  const double late = law.node_jitter.value * std::sqrt(2 * portable::log(gpus.nodes));
  step.straggler_s = slow + (step.total_s() + slow) * late;
  return step;
}

double tokens_per_s_per_gpu(const TrainingCut& cut, const TrainingStep& step) {
  return static_cast<double>(cut.batch) * cut.sequence / cut.gpus / step.total_s();
}

}  // namespace plimsoll
