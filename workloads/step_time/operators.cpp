#include "workloads/step_time/operators.hpp"

#include <algorithm>

#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

/// (a^q + b^q)^(1/q), scaled by the larger side.
double soft_maximum(double a, double b, double q) {
  const double larger = std::max(a, b);
  const double ratio = std::min(a, b) / larger;
  return larger * portable::pow(1.0 + portable::pow(ratio, q), 1.0 / q);
}

}  // namespace

Seconds gemm_time(const GemmShape& shape, Precision precision, FlopPerSecond flops,
                  BytesPerSecond memory, const GemmCoefficients& coefficients) {
  const auto m = static_cast<double>(shape.m);
  const auto n = static_cast<double>(shape.n);
  const auto k = static_cast<double>(shape.k);
  const auto element = weight_bytes_of(precision);
  const double bytes = (n * k + m * k) * element + m * n * static_cast<double>(kActivationBytes);
  const double compute_s = 2.0 * m * n * k / (coefficients.compute_efficiency * flops.count());
  const double memory_s = bytes / (coefficients.memory_efficiency * memory.count());
  return Seconds{soft_maximum(compute_s, memory_s, coefficients.sharpness)} + coefficients.launch;
}

LayerOperators::LayerOperators(const ModelSpec& model, const DeviceRates& rates,
                               const Calibration& calibration, Precision precision,
                               std::int32_t tensor_parallel)
    : model_(model),
      rates_(rates),
      calibration_(calibration),
      precision_(precision),
      gemm_(precision == Precision::fp8 ? calibration.gemm_fp8.value() : calibration.gemm_bf16),
      tensor_parallel_(tensor_parallel) {}

Seconds LayerOperators::gemm(std::int64_t m, std::int64_t n, std::int64_t k) const {
  return gemm_time({m, n, k}, precision_, rates_.matrix, rates_.memory, gemm_);
}

Seconds LayerOperators::elementwise(double bytes) const {
  return Seconds{bytes / (calibration_.elementwise_memory_efficiency * rates_.memory.count())};
}

// Elementwise traffic of a layer, in bf16 values per token: two fused residual-and-norm kernels (read two, write two
// hidden vectors each), the gated activation (read two, write one intermediate vector), and rotary embedding and KV
// write (read and write queries, keys and values).
Seconds LayerOperators::dense(std::int32_t tokens) const {
  const std::int64_t t = tensor_parallel_;
  const std::int64_t hidden = model_.hidden;
  const std::int64_t query = model_.heads / t * model_.head_dim;
  const std::int64_t key_value =
      2 * std::int64_t{kv_heads_per_rank(model_, tensor_parallel_)} * model_.head_dim;
  const std::int64_t intermediate = model_.intermediate / t;
  const Seconds products = gemm(tokens, query + key_value, hidden) + gemm(tokens, hidden, query) +
                           gemm(tokens, 2 * intermediate, hidden) +
                           gemm(tokens, hidden, intermediate);
  const std::int64_t values = 8 * hidden + 3 * intermediate + 2 * (query + key_value);
  return products + elementwise(static_cast<double>(tokens * values * kActivationBytes));
}

Seconds LayerOperators::communication(std::int32_t tokens) const {
  const AllReduceCoefficients* link = calibration_.all_reduce_among(tensor_parallel_);
  if (link == nullptr) return Seconds{0};
  const auto bytes = static_cast<double>(std::int64_t{tokens} * model_.hidden * kActivationBytes);
  return 2.0 * (link->latency + Seconds{bytes / link->bandwidth.count()});
}

// The sampler reads the bf16 logits of the whole vocabulary, writes them as fp32 and reads those.
Seconds LayerOperators::head(std::int32_t sequences) const {
  if (sequences == 0) return Seconds{0};
  constexpr double kSamplerBytesPerLogit = 2 + 4 + 4;
  const std::int64_t rows = model_.vocab / tensor_parallel_;
  const Seconds product = gemm_time({sequences, rows, model_.hidden}, Precision::bf16, rates_.bf16,
                                    rates_.memory, calibration_.gemm_bf16);
  return product +
         elementwise(kSamplerBytesPerLogit * static_cast<double>(model_.vocab) * sequences);
}

Seconds LayerOperators::decode_per_sequence() const {
  return calibration_.decode_attention.per_sequence_head * heads();
}

Seconds LayerOperators::decode_per_context_token() const {
  const Bytes per_token = kv_bytes_per_token(model_, {}, tensor_parallel_) / model_.layers;
  return Seconds{static_cast<double>(per_token.count()) /
                 (calibration_.decode_attention.memory_efficiency * rates_.memory.count())};
}

Seconds LayerOperators::mixed_per_context_token() const {
  return decode_per_context_token() * calibration_.decode_attention.mixed_memory_factor;
}

Seconds LayerOperators::prefill_per_token() const {
  return calibration_.prefill_attention.per_token_head * heads();
}

Seconds LayerOperators::prefill_per_pair() const {
  const double flops = 4.0 * heads() * model_.head_dim;
  return Seconds{flops / (calibration_.prefill_attention.compute_efficiency * rates_.bf16.count())};
}

Seconds LayerOperators::prefill_per_cached_token() const { return decode_per_context_token(); }

}  // namespace plimsoll
