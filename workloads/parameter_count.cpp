#include "workloads/parameter_count.hpp"

namespace plimsoll {
namespace {

std::int64_t all_parameters(const ModelSpec& model) {
  return weight_bytes(model, quantization_of(Precision::bf16)).count() / kActivationBytes;
}

}  // namespace

ParameterCount parameter_count(const ModelSpec& model) {
  const std::int64_t total = all_parameters(model);
  std::int64_t idle = model.tied_embeddings ? 0 : std::int64_t{1} * model.hidden * model.vocab;
  std::int64_t experts = 0;
  if (const auto& mixture = model.mixture) {
    const std::int64_t one_each =
        std::int64_t{3} * model.mixture_layers() * model.hidden * mixture->intermediate;
    experts = one_each * mixture->experts;
    idle += one_each * (mixture->experts - mixture->experts_per_token);
  }
  return {.total = total, .experts = experts, .active = total - idle};
}

}  // namespace plimsoll
