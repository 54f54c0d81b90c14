#include "workloads/step_time/operator_times.hpp"

#include <algorithm>
#include <array>

#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

constexpr double kMicroseconds = 1e6;

double at(const FittedGrid& grid, double a, double b) { return grid.factor(std::array{a, b}); }

double kv_element_bytes(const std::string& format) { return format == "fp8" ? 1.0 : 2.0; }

double read_us(double bytes, const DeviceRates& rates) {
  return bytes / rates.memory.count() * kMicroseconds;
}

double flops_us(double flops, FlopPerSecond rate) { return flops / rate.count() * kMicroseconds; }

}  // namespace

double soft_maximum(double a, double b, double q) {
  const double larger = std::max(a, b);
  const double ratio = std::min(a, b) / larger;
  if (ratio <= 0) return larger;
  return larger * portable::pow(1.0 + portable::pow(ratio, q), 1.0 / q);
}

double gemm_roofline_us(const GemmShape& shape, Precision precision, const DeviceRates& rates,
                        const GemmLaw& law) {
  const auto m = static_cast<double>(shape.m);
  const auto n = static_cast<double>(shape.n);
  const auto k = static_cast<double>(shape.k);
  const double bytes = n * k * weight_bytes_of(precision) + m * k * activation_bytes_of(precision) +
                       m * n * static_cast<double>(kActivationBytes);
  const double compute = flops_us(2.0 * m * n * k, rates.of(precision)) / law.compute_efficiency;
  const double memory = read_us(bytes, rates) / law.memory_efficiency;
  return soft_maximum(compute, memory, law.sharpness) + law.launch_us;
}

double gemm_us(const GemmShape& shape, Precision precision, const DeviceRates& rates,
               const GemmLaw& law) {
  const std::array<double, 3> place{static_cast<double>(shape.m), static_cast<double>(shape.n),
                                    static_cast<double>(shape.k)};
  return gemm_roofline_us(shape, precision, rates, law) * law.grid.factor(place);
}

double decode_read_us(double sequences, double kv_heads, const DeviceRates& rates,
                      const DecodeAttentionLaw& law) {
  const double bytes = 2.0 * kv_heads * law.kind.head_dim * kv_element_bytes(law.kind.kv);
  return read_us(bytes, rates) * at(law.read, sequences, kv_heads);
}

double decode_attention_us(double sequences, double context, double heads, double kv_heads,
                           const DeviceRates& rates, const DecodeAttentionLaw& law) {
  return at(law.base_us, sequences, heads) +
         context * decode_read_us(sequences, kv_heads, rates, law);
}

double attended_pairs(double tokens, double window) {
  if (window <= 0 || tokens <= window) return 0.5 * tokens * tokens;
  return window * tokens - 0.5 * window * window;
}

double prefill_attention_us(double tokens, double heads, double window, const DeviceRates& rates,
                            const PrefillAttentionLaw& law) {
  const double flops = 4.0 * attended_pairs(tokens, window) * heads * law.kind.head_dim;
  return flops_us(flops, rates.bf16) * at(law.slowdown, tokens, heads);
}

double latent_read_us(double sequences, double heads, const LatentAttentionSpec& spec,
                      const DeviceRates& rates, const LatentAttentionLaw& law) {
  const double bytes = (spec.kv_rank + spec.rope_dim) * kv_element_bytes(law.kv);
  return read_us(bytes, rates) * at(law.decode_read, sequences, heads);
}

double latent_decode_us(double sequences, double context, double heads,
                        const LatentAttentionSpec& spec, const DeviceRates& rates,
                        const LatentAttentionLaw& law) {
  return at(law.decode_base_us, sequences, heads) +
         context * latent_read_us(sequences, heads, spec, rates, law);
}

double latent_prefill_us(double tokens, double heads, double window,
                         const LatentAttentionSpec& spec, const DeviceRates& rates,
                         const LatentAttentionLaw& law) {
  const double width = spec.nope_dim + spec.rope_dim + spec.value_dim;
  const double flops = 2.0 * attended_pairs(tokens, window) * heads * width;
  return flops_us(flops, rates.bf16) * at(law.prefill_slowdown, tokens, heads);
}

double MixtureShape::rows() const {
  return std::max(1.0 / 64, tokens * experts_per_token / experts);
}

double mixture_roofline_us(const MixtureShape& shape, Precision precision, const DeviceRates& rates,
                           const MixtureLaw& law) {
  const double share = shape.experts_per_token / shape.experts;
  const double idle = share >= 1 ? 0.0 : portable::pow(1.0 - share, shape.tokens);
  const double bytes = shape.local_experts * (1.0 - idle) * 3.0 * shape.hidden * shape.width *
                       weight_bytes_of(precision);
  const double flops =
      shape.tokens * share * shape.local_experts * 6.0 * shape.hidden * shape.width;
  const double compute = flops_us(flops, rates.of(precision)) / law.compute_efficiency;
  const double memory = read_us(bytes, rates) / law.memory_efficiency;
  return soft_maximum(compute, memory, law.sharpness) + law.launch_us;
}

double mixture_us(const MixtureShape& shape, Precision precision, const DeviceRates& rates,
                  const MixtureLaw& law) {
  const std::array<double, 3> place{shape.rows(), shape.width, shape.local_experts};
  return mixture_roofline_us(shape, precision, rates, law) * law.grid.factor(place);
}

double mixture_skew(const MixtureShape& shape, const MixtureLaw& law) {
  return at(law.skew, shape.rows(), shape.local_experts);
}

double extended_us(const FittedGrid& time_us, double coordinate) {
  const double last = time_us.axes.front().knots.back();
  const double time = time_us.factor(std::array{coordinate});
  return coordinate > last ? time * (coordinate / last) : time;
}

}  // namespace plimsoll
