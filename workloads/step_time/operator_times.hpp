// The time of one call of an operator on one rank, by its law: what is fitted and what is predicted
// with are the same functions. All times in us. Arithmetic is portable (core/portable_math.hpp).
#pragma once

#include <cstdint>

#include "workloads/model_spec.hpp"
#include "workloads/step_time/device_rates.hpp"
#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// (a^q + b^q)^(1/q) of two times, neither negative, one positive.
double soft_maximum(double a, double b, double q);

/// A matrix product (m x k) (k x n).
struct GemmShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};
/// Weights and inputs in `precision`, the output in bf16; all sizes >= 1.
double gemm_us(const GemmShape& shape, Precision precision, const DeviceRates& rates,
               const GemmLaw& law);

/// GEMM without its grid: what the grid's factors are fitted against.
double gemm_roofline_us(const GemmShape& shape, Precision precision, const DeviceRates& rates,
                        const GemmLaw& law);

/// Decode attention of `sequences` with `context` tokens in all, by the law's kind: bytes of one
/// token are 2 kv_heads head_dim in the KV cache's format.
double decode_attention_us(double sequences, double context, double heads, double kv_heads,
                           const DeviceRates& rates, const DecodeAttentionLaw& law);
/// Time per token of context of the same: bytes / peak bandwidth * read(sequences, kv_heads).
double decode_read_us(double sequences, double kv_heads, const DeviceRates& rates,
                      const DecodeAttentionLaw& law);

/// Pairs of query and key of a prompt of `tokens` that attend to each other: c^2 / 2, or with a
/// window w < c, w c - w^2 / 2.
double attended_pairs(double tokens, double window);
/// Prefill attention of one prompt without cached context, base excluded: 4 pairs heads head_dim at
/// the bf16 rate times slowdown(tokens, heads). `window` may differ from the one that the law was
/// measured with.
double prefill_attention_us(double tokens, double heads, double window, const DeviceRates& rates,
                            const PrefillAttentionLaw& law);

/// Latent attention: a token of context is kv_rank + rope_dim values in the law's format.
double latent_read_us(double sequences, double heads, const LatentAttentionSpec& spec,
                      const DeviceRates& rates, const LatentAttentionLaw& law);
double latent_decode_us(double sequences, double context, double heads,
                        const LatentAttentionSpec& spec, const DeviceRates& rates,
                        const LatentAttentionLaw& law);
/// Base excluded: 2 pairs heads (nope + rope + value) at the bf16 rate times
/// prefill_slowdown(tokens, heads).
double latent_prefill_us(double tokens, double heads, double window,
                         const LatentAttentionSpec& spec, const DeviceRates& rates,
                         const LatentAttentionLaw& law);

/// Routed experts of one layer on one GPU.
struct MixtureShape {
  double tokens = 0;             ///< m, of all ranks that share the experts
  double experts = 0;            ///< E
  double experts_per_token = 0;  ///< k
  double local_experts = 0;      ///< E_loc
  double width = 0;              ///< I_loc: of one expert, on this GPU
  double hidden = 0;

  double rows() const;  ///< tokens per expert, at least 1/64
};
/// With a balanced router; without grid, what it is fitted against.
double mixture_roofline_us(const MixtureShape& shape, Precision precision, const DeviceRates& rates,
                           const MixtureLaw& law);
double mixture_us(const MixtureShape& shape, Precision precision, const DeviceRates& rates,
                  const MixtureLaw& law);
/// The factor of a router whose loads follow a power law: below 1 where few tokens meet fewer experts than a balanced
/// router would send them to, and less weight is read.
double mixture_skew(const MixtureShape& shape, const MixtureLaw& law);

/// A grid of times over one axis, proportional to the coordinate beyond the last knot.
double extended_us(const FittedGrid& time_us, double coordinate);

}  // namespace plimsoll
