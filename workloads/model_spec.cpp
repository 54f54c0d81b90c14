#include "workloads/model_spec.hpp"

#include <algorithm>

namespace plimsoll {

std::optional<Precision> parse_precision(std::string_view name) {
  if (name == "bf16") return Precision::bf16;
  if (name == "fp8") return Precision::fp8;
  return std::nullopt;
}

std::string_view precision_name(Precision precision) {
  return precision == Precision::fp8 ? "fp8" : "bf16";
}

Bytes weight_bytes(const ModelSpec& model, Precision precision) {
  const std::int64_t hidden = model.hidden;
  const std::int64_t query = std::int64_t{model.heads} * model.head_dim;
  const std::int64_t key_value = std::int64_t{2} * model.kv_heads * model.head_dim;
  const std::int64_t attention = hidden * (query + key_value) + query * hidden;
  const std::int64_t mlp = 3 * hidden * model.intermediate;
  const std::int64_t matrices = model.layers * (attention + mlp);
  const std::int64_t norms = hidden * (2 * std::int64_t{model.layers} + 1);
  const std::int64_t embedding_and_head = 2 * hidden * model.vocab;
  return Bytes{matrices * weight_bytes_of(precision) +
               (norms + embedding_and_head) * kActivationBytes};
}

std::int32_t kv_heads_per_rank(const ModelSpec& model, std::int32_t tensor_parallel) {
  return std::max(1, model.kv_heads / tensor_parallel);
}

Bytes kv_bytes_per_token(const ModelSpec& model, std::int32_t tensor_parallel) {
  const std::int64_t per_layer =
      std::int64_t{2} * kv_heads_per_rank(model, tensor_parallel) * model.head_dim;
  return Bytes{per_layer * model.layers * kActivationBytes};
}

}  // namespace plimsoll
