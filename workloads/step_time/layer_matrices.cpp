#include "workloads/step_time/layer_matrices.hpp"

#include <algorithm>

namespace plimsoll {
namespace {

std::int64_t part(std::int64_t size, std::int32_t ranks) { return (size + ranks - 1) / ranks; }

/// Widths of queries, and of keys and values together, on one rank.
struct ProjectionWidths {
  std::int64_t query = 0;
  std::int64_t key_value = 0;
};

ProjectionWidths projection_widths(const ModelSpec& model, std::int32_t tensor) {
  const std::int64_t heads = part(model.heads, tensor);
  if (const auto& latent = model.latent_attention)
    return {heads * (latent->nope_dim + latent->rope_dim),
            std::int64_t{latent->kv_rank} + latent->rope_dim};
  return {heads * model.head_dim,
          std::int64_t{2} * kv_heads_per_rank(model, tensor) * model.head_dim};
}

void add_attention(const ModelSpec& model, Precision precision, std::int32_t tensor,
                   std::vector<LayerMatrix>& out) {
  const std::int64_t hidden = model.hidden;
  const std::int32_t layers = model.attention_layers();
  const ProjectionWidths widths = projection_widths(model, tensor);
  const auto add = [&](std::int64_t n, std::int64_t k) {
    out.push_back({n, k, precision, layers});
  };
  const auto& latent = model.latent_attention;
  if (!latent) {
    add(widths.query + widths.key_value, hidden);
    add(hidden, widths.query);
    return;
  }
  const std::int64_t heads = part(model.heads, tensor);
  if (latent->query_rank > 0) {
    add(latent->query_rank + widths.key_value, hidden);  // both down-projections in one
    add(widths.query, latent->query_rank);
  } else {
    add(widths.query, hidden);
    add(widths.key_value, hidden);
  }
  add(heads * (latent->nope_dim + latent->value_dim), latent->kv_rank);
  add(hidden, heads * latent->value_dim);
}

void add_linear_attention(const ModelSpec& model, Precision precision, std::int32_t tensor,
                          std::vector<LayerMatrix>& out) {
  const LinearAttentionSpec& linear = *model.linear_attention;
  const std::int64_t keys = std::int64_t{2} * linear.key_heads * linear.key_dim;
  const std::int64_t values = std::int64_t{linear.value_heads} * linear.value_dim;
  out.push_back({part(keys + 2 * values + std::int64_t{2} * linear.value_heads, tensor),
                 model.hidden, precision, linear.layers});
  out.push_back({model.hidden, part(values, tensor), precision, linear.layers});
}

void add_mlp(const ModelSpec& model, std::int64_t intermediate, std::int32_t layers,
             Precision precision, std::int32_t tensor, std::vector<LayerMatrix>& out) {
  if (intermediate == 0 || layers == 0) return;
  const std::int64_t width = part(intermediate, tensor);
  out.push_back({2 * width, model.hidden, precision, layers});
  out.push_back({model.hidden, width, precision, layers});
}

}  // namespace

std::vector<LayerMatrix> layer_matrices(const ModelSpec& model, const Quantization& quantization,
                                        std::int32_t tensor) {
  std::vector<LayerMatrix> matrices;
  const Precision dense = quantization.dense;
  add_attention(model, dense, tensor, matrices);
  if (model.linear_attention) add_linear_attention(model, dense, tensor, matrices);
  add_mlp(model, model.intermediate, model.dense_layers(), dense, tensor, matrices);
  if (const auto& mixture = model.mixture) {
    matrices.push_back({mixture->experts, model.hidden, Precision::bf16, model.mixture_layers()});
    add_mlp(model, mixture->shared_intermediate, model.mixture_layers(), dense, tensor, matrices);
  }
  return matrices;
}

double elementwise_values(const ModelSpec& model, std::int32_t tensor) {
  const ProjectionWidths widths = projection_widths(model, tensor);
  const double per_layer = 8.0 * model.hidden;
  double values =
      model.layers * per_layer +
      model.attention_layers() * 2.0 * static_cast<double>(widths.query + widths.key_value);
  values += model.dense_layers() * 3.0 * static_cast<double>(part(model.intermediate, tensor));
  if (const auto& mixture = model.mixture)
    values += model.mixture_layers() * 3.0 *
              static_cast<double>(part(mixture->shared_intermediate, tensor));
  return values;
}

}  // namespace plimsoll
