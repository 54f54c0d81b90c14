// The matrix products of a step on one rank, by shape: what a model's architecture and its cut make
// of a token.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/model_spec.hpp"

namespace plimsoll {

/// (tokens x k) (k x n), once in each of `layers` layers.
struct LayerMatrix {
  std::int64_t n = 0;
  std::int64_t k = 0;
  Precision precision = Precision::bf16;
  std::int32_t layers = 0;

  friend bool operator==(const LayerMatrix&, const LayerMatrix&) = default;
};

/// All of them but routed experts and the output head, on one of `tensor` ranks: attention
/// projections (latent ones with the up-projection of keys and values, which decoding does in
/// another order at the same cost; of layers with a recurrent state, their own), dense MLPs,
/// routers (bf16, not cut) and shared experts.
std::vector<LayerMatrix> layer_matrices(const ModelSpec& model, const Quantization& quantization,
                                        std::int32_t tensor);

/// bf16 values that the elementwise kernels of all layers read and write per token: two fused
/// residual-and-norm kernels (read two, write two hidden vectors each), the gated activation (read
/// two, write one intermediate vector), rotary embedding and KV write (read and write queries, keys
/// and values).
double elementwise_values(const ModelSpec& model, std::int32_t tensor);

}  // namespace plimsoll
