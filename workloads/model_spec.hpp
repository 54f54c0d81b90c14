// What a decoder-only transformer is made of, and how many bytes it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/quantity.hpp"
#include "hardware/catalog_folder.hpp"
#include "workloads/parallelism.hpp"

namespace plimsoll {

/// A number format of matrices. fp8: one scale per tensor; fp8_block: one per 128 x 128 block;
/// nvfp4: four-bit weights and activations, a scale per 16; mxfp4: four-bit weights only, a scale
/// per 32; int4: four-bit weights only, a scale per 32.
enum class Precision : std::uint8_t { bf16, fp8, fp8_block, nvfp4, mxfp4, int4 };

std::optional<Precision> parse_precision(std::string_view name);  ///< the enumerators' names
std::string_view precision_name(Precision precision);
/// Bytes of one weight, its share of the scales included.
double weight_bytes_of(Precision precision);
inline constexpr std::int64_t kActivationBytes = 2;  ///< bf16

/// Which matrices are in which format. Embeddings, norms, router and output head are bf16
/// throughout.
struct Quantization {
  Precision dense = Precision::bf16;    ///< attention projections, dense MLPs, shared experts
  Precision experts = Precision::bf16;  ///< routed experts
  Precision kv = Precision::bf16;       ///< the KV cache: bf16 or fp8

  friend bool operator==(const Quantization&, const Quantization&) = default;
};

/// What `dtype` means for a model: mxfp4 and int4 apply to routed experts alone (the rest is bf16),
/// others to all.
Quantization quantization_of(Precision dtype);

/// Routed experts in place of the MLP in all layers but the first `dense_layers`.
struct MixtureSpec {
  std::int32_t experts = 0;
  std::int32_t experts_per_token = 0;
  std::int32_t intermediate = 0;         ///< of one expert
  std::int32_t shared_intermediate = 0;  ///< of all shared experts together; 0: none
  std::int32_t dense_layers = 0;
};

/// Multi-head latent attention: keys and values are kept as one latent vector and one rotary key
/// per token.
struct LatentAttentionSpec {
  std::int32_t query_rank = 0;  ///< 0: queries are not compressed
  std::int32_t kv_rank = 0;
  std::int32_t nope_dim = 0;
  std::int32_t rope_dim = 0;
  std::int32_t value_dim = 0;
};

/// Layers that attend to the last `tokens` tokens only.
struct WindowSpec {
  std::int32_t tokens = 0;
  std::int32_t layers = 0;
};

/// Layers with a recurrent state of fixed size in place of a KV cache (gated delta rule).
struct LinearAttentionSpec {
  std::int32_t layers = 0;
  std::int32_t key_heads = 0;
  std::int32_t value_heads = 0;
  std::int32_t key_dim = 0;
  std::int32_t value_dim = 0;
};

/// An indexer picks `top_k` tokens of the context, and attention reads only these.
struct SparseAttentionSpec {
  std::int32_t top_k = 0;
  std::int32_t index_heads = 0;
  std::int32_t index_dim = 0;
};

/// The architecture, by the names of a Hugging Face config.json. Gated MLP throughout.
struct ModelSpec {
  std::string name;           ///< its file's name in workloads/catalog/models
  std::int32_t layers = 0;    ///< num_hidden_layers
  std::int32_t hidden = 0;    ///< hidden_size
  std::int32_t heads = 0;     ///< num_attention_heads
  std::int32_t kv_heads = 0;  ///< num_key_value_heads
  std::int32_t head_dim = 0;  ///< hidden_size / num_attention_heads unless stated
  std::int32_t intermediate =
      0;                   ///< intermediate_size of dense layers; 0 where all layers are mixtures
  std::int32_t vocab = 0;  ///< vocab_size
  std::int32_t max_context = 0;  ///< max_position_embeddings, in tokens
  bool tied_embeddings = false;  ///< the head shares the embedding's weights
  std::optional<MixtureSpec> mixture{};
  std::optional<LatentAttentionSpec> latent_attention{};
  std::optional<WindowSpec> window{};
  std::optional<LinearAttentionSpec> linear_attention{};
  std::optional<SparseAttentionSpec> sparse_attention{};

  std::int32_t mixture_layers() const { return mixture ? layers - mixture->dense_layers : 0; }
  std::int32_t dense_layers() const { return layers - mixture_layers(); }
  /// Layers with a KV cache that grows with the context (windows grow up to their size).
  std::int32_t attention_layers() const {
    return layers - (linear_attention ? linear_attention->layers : 0);
  }
};

/// All weights of the model.
Bytes weight_bytes(const ModelSpec& model, const Quantization& quantization);

/// One GPU's part of them: experts are spread over the tensor * data GPUs of a stage, the rest over
/// its `tensor` ranks, layers over the stages.
Bytes weight_bytes_per_gpu(const ModelSpec& model, const Quantization& quantization,
                           const Parallelism& parallelism);

/// Heads of the KV cache that one of `tensor_parallel` ranks holds: they are replicated once there
/// are more ranks.
std::int32_t kv_heads_per_rank(const ModelSpec& model, std::int32_t tensor_parallel);

/// What one token leaves in the KV cache of one rank, over all layers.
Bytes kv_bytes_per_token(const ModelSpec& model, const Quantization& quantization,
                         std::int32_t tensor_parallel);

/// A file of workloads/catalog/models. Throws ConfigError with all its faults.
ModelSpec read_model(const CatalogEntry& entry);

}  // namespace plimsoll
