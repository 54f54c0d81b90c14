#include "workloads/step_time/training_step.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/portable_math.hpp"
#include "workloads/parameter_count.hpp"

namespace plimsoll {

namespace {

/// bf16 activations; gradients and parameters cross between replicas as bf16, one after the other.
constexpr double kActivation = 2;
constexpr double kGradientAndParameter = 4;

void check(const TrainingCut& cut) {
  const auto refuse = [](std::string why) { throw ConfigError(Position{}, std::move(why)); };
  for (const std::int32_t value :
       {cut.gpus, cut.tensor, cut.pipeline, cut.context, cut.virtual_stages, cut.expert, cut.batch,
        cut.micro_batch, cut.sequence})
    if (value < 1) refuse("every number of a training job's cut is at least 1.");
  const std::int64_t model = std::int64_t{cut.tensor} * cut.pipeline * cut.context;
  if (cut.gpus % model != 0)
    refuse(fmt::format("{} GPUs are no multiple of tensor x pipeline x context = {}.", cut.gpus,
                       model));
  if (cut.batch % (std::int64_t{cut.replicas()} * cut.micro_batch) != 0)
    refuse(fmt::format("a batch of {} sequences is no multiple of {} replicas x {}.", cut.batch,
                       cut.replicas(), cut.micro_batch));
}

double flop_per_token(const ModelSpec& model, std::int32_t sequence) {
  const double weights = 6.0 * static_cast<double>(parameter_count(model).active);
  const double heads = static_cast<double>(model.heads) * model.head_dim;
  return weights + 6.0 * heads * model.attention_layers() * sequence;
}

BytesPerSecond bandwidth_of(std::int32_t group, const TrainingGpus& gpus) {
  return group <= gpus.island ? gpus.island_bandwidth : gpus.network_bandwidth;
}

/// Of each GPU, over all layers, forward and backward, for the whole step: two all-reduces per layer and direction.
double tensor_s(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus) {
  const double tokens = static_cast<double>(cut.sequence) / cut.context * cut.micro_batch;
  const double bytes = tokens * model.hidden * kActivation;
  const double moved = 2.0 * (cut.tensor - 1) / cut.tensor * bytes;
  const double reduces = 4.0 * model.layers / cut.pipeline * cut.micro_batches();
  return reduces * moved / bandwidth_of(cut.tensor, gpus).count();
}

/// To the experts and back, forward and backward: each token once per expert that it is routed to.
double expert_s(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus) {
  if (!model.mixture || cut.expert == 1) return 0;
  const double tokens = static_cast<double>(cut.sequence) / cut.context / cut.tensor *
                        cut.micro_batch * model.mixture->experts_per_token;
  const double moved = tokens * model.hidden * kActivation * (cut.expert - 1) / cut.expert;
  const double passes = 4.0 * model.mixture_layers() / cut.pipeline * cut.micro_batches();
  return passes * moved / bandwidth_of(cut.tensor * cut.expert, gpus).count();
}

/// Gradients are reduced and scattered, parameters gathered, over all GPUs that hold the same part of the model.
double data_s(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus) {
  const double sharers = static_cast<double>(cut.replicas()) * cut.context;
  const double held = static_cast<double>(parameter_count(model).total) /
                      (static_cast<double>(cut.tensor) * cut.pipeline * cut.expert);
  const BytesPerSecond bandwidth =
      cut.gpus <= gpus.island ? gpus.island_bandwidth : gpus.network_bandwidth;
  return held * kGradientAndParameter * (sharers - 1) / sharers / bandwidth.count();
}

}  // namespace

TrainingLaw read_training_law(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  TrainingLaw law = read_config<TrainingLaw>(entry.root, faults, entry.name);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  law.name = entry.name;
  return law;
}

TrainingStep training_step(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus,
                           const TrainingLaw& law) {
  check(cut);
  TrainingStep step;
  const double tokens = static_cast<double>(cut.batch) * cut.sequence / cut.gpus;
  step.compute_s =
      tokens * flop_per_token(model, cut.sequence) / (gpus.rate.count() * law.efficiency.value);
  step.tensor_s = tensor_s(model, cut, gpus) * (1 - law.tensor_overlap.value);
  step.expert_s = expert_s(model, cut, gpus);
  step.bubble_s = (step.compute_s + step.tensor_s + step.expert_s) * (cut.pipeline - 1) /
                  (cut.virtual_stages * cut.micro_batches());
  step.data_s = data_s(model, cut, gpus) * (1 - law.data_overlap.value);
  const double nodes = std::ceil(static_cast<double>(cut.gpus) / gpus.per_node);
  step.straggler_s = step.total_s() * law.node_jitter.value * std::sqrt(2 * portable::log(nodes));
  return step;
}

double tokens_per_s_per_gpu(const TrainingCut& cut, const TrainingStep& step) {
  return static_cast<double>(cut.batch) * cut.sequence / cut.gpus / step.total_s();
}

}  // namespace plimsoll
