#include "workloads/model_spec.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace plimsoll {
namespace {

struct PrecisionRow {
  Precision precision;
  std::string_view name;
  double weight_bytes;
};

// Scales: fp8_block one fp32 per 128 x 128, nvfp4 one byte per 16, mxfp4 one byte per 32, int4 two
// bytes per 32.
constexpr std::array<PrecisionRow, 6> kPrecisions{
    {{Precision::bf16, "bf16", 2.0},
     {Precision::fp8, "fp8", 1.0},
     {Precision::fp8_block, "fp8_block", 1.0 + 4.0 / 16384},
     {Precision::nvfp4, "nvfp4", 0.5 + 1.0 / 16},
     {Precision::mxfp4, "mxfp4", 0.5 + 1.0 / 32},
     {Precision::int4, "int4", 0.5 + 2.0 / 32}}};

const PrecisionRow& row_of(Precision precision) {
  return kPrecisions[static_cast<std::size_t>(precision)];
}

/// Weights of one layer's attention projections: with a KV cache, and with a recurrent state.
double attention_weights(const ModelSpec& model) {
  const double hidden = model.hidden;
  if (const auto& latent = model.latent_attention) {
    const double query = double{1} * model.heads * (latent->nope_dim + latent->rope_dim);
    const double queries =
        latent->query_rank > 0 ? latent->query_rank * (hidden + query) : hidden * query;
    const double keys_values =
        hidden * (latent->kv_rank + latent->rope_dim) +
        double{1} * latent->kv_rank * model.heads * (latent->nope_dim + latent->value_dim);
    return queries + keys_values + double{1} * model.heads * latent->value_dim * hidden;
  }
  const double query = double{1} * model.heads * model.head_dim;
  const double key_value = double{2} * model.kv_heads * model.head_dim;
  return hidden * (query + key_value) + query * hidden;
}

double linear_attention_weights(const ModelSpec& model) {
  const LinearAttentionSpec& linear = *model.linear_attention;
  const double keys = double{2} * linear.key_heads * linear.key_dim;
  const double values = double{1} * linear.value_heads * linear.value_dim;
  return model.hidden * (keys + 2 * values + 2 * linear.value_heads) + values * model.hidden;
}

}  // namespace

std::optional<Precision> parse_precision(std::string_view name) {
  for (const PrecisionRow& row : kPrecisions)
    if (row.name == name) return row.precision;
  return std::nullopt;
}

std::string_view precision_name(Precision precision) { return row_of(precision).name; }

double weight_bytes_of(Precision precision) { return row_of(precision).weight_bytes; }

Quantization quantization_of(Precision dtype) {
  const bool experts_only = dtype == Precision::mxfp4 || dtype == Precision::int4;
  return {.dense = experts_only ? Precision::bf16 : dtype, .experts = dtype};
}

Bytes weight_bytes(const ModelSpec& model, const Quantization& quantization) {
  return weight_bytes_per_gpu(model, quantization, {});
}

Bytes weight_bytes_per_gpu(const ModelSpec& model, const Quantization& quantization,
                           const Parallelism& parallelism) {
  const double hidden = model.hidden;
  double dense = model.attention_layers() * attention_weights(model) +
                 model.dense_layers() * 3.0 * hidden * model.intermediate;
  if (model.linear_attention)
    dense += model.linear_attention->layers * linear_attention_weights(model);
  double experts = 0;
  double other =
      hidden * (2.0 * model.layers + 1) + hidden * model.vocab * (model.tied_embeddings ? 1 : 2);
  if (const auto& mixture = model.mixture) {
    dense += model.mixture_layers() * 3.0 * hidden * mixture->shared_intermediate;
    experts = model.mixture_layers() * 3.0 * hidden * mixture->experts * mixture->intermediate;
    other += model.mixture_layers() * hidden * mixture->experts;
  }
  const double shared =
      dense * weight_bytes_of(quantization.dense) + other * static_cast<double>(kActivationBytes);
  const double stage = shared / parallelism.tensor + experts *
                                                         weight_bytes_of(quantization.experts) /
                                                         (parallelism.tensor * parallelism.data);
  return Bytes{static_cast<std::int64_t>(std::ceil(stage / parallelism.pipeline))};
}

std::int32_t kv_heads_per_rank(const ModelSpec& model, std::int32_t tensor_parallel) {
  return std::max(1, model.kv_heads / tensor_parallel);
}

// Layers with a window keep a bounded number of tokens per sequence, and those with a recurrent
// state none: neither grows with the context. The sparse attention's index is one fp8 vector with
// an fp32 scale per token.
Bytes kv_bytes_per_token(const ModelSpec& model, const Quantization& quantization,
                         std::int32_t tensor_parallel) {
  const std::int64_t element = quantization.kv == Precision::fp8 ? 1 : kActivationBytes;
  const std::int64_t layers = model.attention_layers() - (model.window ? model.window->layers : 0);
  std::int64_t per_layer =
      std::int64_t{2} * kv_heads_per_rank(model, tensor_parallel) * model.head_dim * element;
  if (const auto& latent = model.latent_attention)
    per_layer = (latent->kv_rank + latent->rope_dim) * element;
  if (model.sparse_attention) per_layer += model.sparse_attention->index_dim + 4;
  return Bytes{per_layer * layers};
}

}  // namespace plimsoll
