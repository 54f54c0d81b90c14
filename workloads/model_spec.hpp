// What a dense decoder-only transformer is made of, and how many bytes it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/quantity.hpp"
#include "hardware/catalog_folder.hpp"

namespace plimsoll {

/// The number format of a replica's matrix products. Activations, embeddings, the output head and the KV cache stay in
/// bf16 in both, as in vLLM with an fp8 checkpoint and kv_cache_dtype "auto".
enum class Precision : std::uint8_t { bf16, fp8 };

std::optional<Precision> parse_precision(std::string_view name);  ///< "bf16" or "fp8"
std::string_view precision_name(Precision precision);
constexpr std::int64_t weight_bytes_of(Precision precision) {
  return precision == Precision::fp8 ? 1 : 2;
}
inline constexpr std::int64_t kActivationBytes = 2;  ///< bf16

/// The architecture, by the names of a Hugging Face config.json. Gated MLP, grouped-query attention, untied head.
struct ModelSpec {
  std::string name;               ///< its file's name in workloads/catalog/models
  std::int32_t layers = 0;        ///< num_hidden_layers
  std::int32_t hidden = 0;        ///< hidden_size
  std::int32_t heads = 0;         ///< num_attention_heads
  std::int32_t kv_heads = 0;      ///< num_key_value_heads
  std::int32_t head_dim = 0;      ///< hidden_size / num_attention_heads unless stated
  std::int32_t intermediate = 0;  ///< intermediate_size
  std::int32_t vocab = 0;         ///< vocab_size
  std::int32_t max_context = 0;   ///< max_position_embeddings, in tokens
};

/// All weights of the model: matrices in `precision`; embeddings, head and norms in bf16.
Bytes weight_bytes(const ModelSpec& model, Precision precision);

/// Heads of the KV cache that one of `tensor_parallel` ranks holds: they are replicated once there are more ranks.
std::int32_t kv_heads_per_rank(const ModelSpec& model, std::int32_t tensor_parallel);

/// Keys and values of one token on one rank, over all layers.
Bytes kv_bytes_per_token(const ModelSpec& model, std::int32_t tensor_parallel);

/// A file of workloads/catalog/models. Throws ConfigError with all its faults.
ModelSpec read_model(const CatalogEntry& entry);

}  // namespace plimsoll
