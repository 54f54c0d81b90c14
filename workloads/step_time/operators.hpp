// The operators of a transformer layer on one rank, from a GPU's datasheet rates and fitted coefficients.
#pragma once

#include <cstdint>

#include "core/quantity.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// Peak rates of the GPU that runs the operators, for the precision of the matrices.
struct DeviceRates {
  FlopPerSecond bf16{};    ///< dense
  FlopPerSecond matrix{};  ///< dense, of the weights' precision
  BytesPerSecond memory{};
};

/// A matrix product (m x k) (k x n).
struct GemmShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

/// The soft roofline of one product whose weights and inputs are in `precision`; the output is bf16. m >= 1.
Seconds gemm_time(const GemmShape& shape, Precision precision, FlopPerSecond flops,
                  BytesPerSecond memory, const GemmCoefficients& coefficients);

/// One model on one GPU type, cut into `tensor_parallel` ranks: times per operator, for one rank.
class LayerOperators {
 public:
  /// fp8 needs calibration.gemm_fp8; more than one rank, an entry of calibration.all_reduce.
  LayerOperators(const ModelSpec& model, const DeviceRates& rates, const Calibration& calibration,
                 Precision precision, std::int32_t tensor_parallel);

  /// Per layer: the four matrix products, norms, rotary embedding and activation for `tokens` tokens.
  Seconds dense(std::int32_t tokens) const;
  /// Per layer: two all-reduces of the hidden state of `tokens` tokens; zero on one GPU.
  Seconds communication(std::int32_t tokens) const;
  /// Output head and sampler for `sequences` sequences, once per step; zero for none.
  Seconds head(std::int32_t sequences) const;

  /// Per layer: decode attention = base + per_sequence n + per_context_token S.
  Seconds decode_base() const { return calibration_.decode_attention.base; }
  Seconds decode_per_sequence() const;
  Seconds decode_per_context_token() const;
  Seconds mixed_per_context_token() const;  ///< the same in a batch that also prefills
  /// Per layer: prefill attention = base + sum over chunks (per_token c + per_pair c (2k + c) / 2 + per_cached k).
  Seconds prefill_base() const { return calibration_.prefill_attention.base; }
  Seconds prefill_per_token() const;
  Seconds prefill_per_pair() const;
  Seconds prefill_per_cached_token() const;

 private:
  Seconds gemm(std::int64_t m, std::int64_t n, std::int64_t k) const;
  Seconds elementwise(double bytes) const;
  double heads() const {
    const std::int32_t per_rank = model_.heads / tensor_parallel_;
    return per_rank;
  }

  ModelSpec model_;
  DeviceRates rates_;
  Calibration calibration_;
  Precision precision_;
  GemmCoefficients gemm_;
  std::int32_t tensor_parallel_;
};

}  // namespace plimsoll
