#include "workloads/step_time/replica_operators.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/step_time/operator_times.hpp"

namespace plimsoll {
namespace {

std::optional<LayerCurve> curve_of(const ReplicaRecipe& recipe) {
  for (const LayerCurve& curve : recipe.laws.layer_curves)
    if (curve.model == recipe.model.name && curve.dtype == recipe.dtype &&
        curve.tensor == recipe.parallelism.tensor)
      return curve;
  return std::nullopt;
}

double per_rank(double size, std::int32_t ranks) { return std::ceil(size / ranks); }

}  // namespace

// One adapter of rank up to 64 slowed 96 prompts of a 7B model on an A100 from 28 to 35 s (a
// report in vLLM's tracker, number 10062), which is the constant; each adapter's own matrices of
// rank 16 add 16 (n + k) / (n k) of a matrix 4096 wide and deep.
double lora_factor(std::int32_t adapters) {
  constexpr double kAnyAdapter = 0.25;
  constexpr double kPerAdapter = 0.008;
  return adapters > 0 ? 1.0 + kAnyAdapter + kPerAdapter * adapters : 1.0;
}

ReplicaOperators::ReplicaOperators(const ReplicaRecipe& recipe)
    : recipe_(recipe),
      matrices_(layer_matrices(recipe.model, recipe.quantization, recipe.parallelism.tensor)),
      attention_(recipe.model, recipe.quantization.kv, recipe.parallelism.tensor, recipe.rates,
                 recipe.laws),
      communication_(recipe.model, recipe.parallelism, recipe.rates, recipe.laws.collectives),
      curve_(curve_of(recipe_)) {}

double ReplicaOperators::elementwise(double bytes) const {
  return bytes / (recipe_.laws.elementwise_memory_efficiency * recipe_.rates.memory.count()) * 1e6;
}

double ReplicaOperators::matrices(double tokens) const {
  if (curve_) return recipe_.model.layers * extended_us(curve_->layer_us, tokens);
  double sum = elementwise(tokens * elementwise_values(recipe_.model, recipe_.parallelism.tensor) *
                           static_cast<double>(kActivationBytes));
  for (const LayerMatrix& matrix : matrices_) {
    const GemmLaw& law = recipe_.laws.gemm.at(std::string(precision_name(matrix.precision)));
    sum += matrix.layers * gemm_us({static_cast<std::int64_t>(tokens), matrix.n, matrix.k},
                                   matrix.precision, recipe_.rates, law);
  }
  return sum;
}

// The tokens of all attention ranks meet at the experts; the busiest GPU, which all others wait
// for, has more than its share by the law's skew.
double ReplicaOperators::routed_experts(double tokens) const {
  if (!recipe_.model.mixture) return 0;
  const MixtureSpec& mixture = *recipe_.model.mixture;
  const Parallelism& cut = recipe_.parallelism;
  const std::int32_t layers = recipe_.model.mixture_layers();
  const bool alone = cut.tensor * cut.data == 1;
  if (curve_ && alone && !curve_->experts_us.axes.empty())
    return layers * extended_us(curve_->experts_us, tokens);
  const MixtureShape shape{.tokens = tokens * cut.data,
                           .experts = static_cast<double>(mixture.experts),
                           .experts_per_token = static_cast<double>(mixture.experts_per_token),
                           .local_experts = per_rank(mixture.experts, cut.expert),
                           .width = per_rank(mixture.intermediate, cut.expert_tensor()),
                           .hidden = static_cast<double>(recipe_.model.hidden)};
  const Precision precision = recipe_.quantization.experts;
  const MixtureLaw& law = recipe_.laws.mixture.at(std::string(precision_name(precision)));
  return layers * mixture_us(shape, precision, recipe_.rates, law) * mixture_skew(shape, law);
}

double ReplicaOperators::dense(double tokens) const {
  return matrices(tokens) * lora_factor(recipe_.lora_adapters) + routed_experts(tokens) +
         communication_.layers_us(tokens);
}

// The sampler reads the bf16 logits of the whole vocabulary, writes them as fp32 and reads those.
double ReplicaOperators::head(double sequences) const {
  if (sequences < 1) return 0;
  if (curve_ && !curve_->head_us.axes.empty()) return extended_us(curve_->head_us, sequences);
  constexpr double kSamplerBytesPerLogit = 2 + 4 + 4;
  const ModelSpec& model = recipe_.model;
  const auto rows = static_cast<std::int64_t>(per_rank(model.vocab, recipe_.parallelism.tensor));
  return gemm_us({static_cast<std::int64_t>(sequences), rows, model.hidden}, Precision::bf16,
                 recipe_.rates, recipe_.laws.gemm.at("bf16")) +
         elementwise(kSamplerBytesPerLogit * model.vocab * sequences);
}

}  // namespace plimsoll
