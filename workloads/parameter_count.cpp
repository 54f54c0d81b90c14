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
  if (const auto& mixture = model.mixture)
    idle += std::int64_t{3} * model.mixture_layers() * model.hidden * mixture->intermediate *
            (mixture->experts - mixture->experts_per_token);
  return {.total = total, .active = total - idle};
}

}  // namespace plimsoll
