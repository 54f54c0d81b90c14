// Laws of single operators on one GPU type: a physical formula times a fitted grid. What `plimsoll calibrate` fits, and
// what a calibration file holds. Times are of one call on one rank (one layer).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workloads/step_time/fitted_grid.hpp"

namespace plimsoll {

/// What a fit rests on and how well it holds on rows that it did not see.
struct FitQuality {
  std::string source;       ///< the measurements, with versions and licence
  std::int64_t rows = 0;    ///< measured rows that were fitted
  double median_error = 0;  ///< median |predicted / measured - 1| under cross-validation
  double p90_error = 0;     ///< its 90th percentile
};

/// A matrix product (m x k)(k x n) in one precision: the soft roofline ((compute)^q + (memory)^q)^(1/q) + launch at the
/// datasheet's dense rates, times grid(m, n, k).
struct GemmLaw {
  double compute_efficiency = 1;
  double memory_efficiency = 1;
  double sharpness = 3;
  double launch_us = 0;
  FittedGrid grid;  ///< axes m, n, k
  FitQuality quality;
};

/// Which attention kernel: the format of the KV cache, the width of a head, the sliding window (0: none).
struct AttentionKind {
  std::string kv = "bf16";  ///< a precision's name
  std::int32_t head_dim = 128;
  std::int32_t window = 0;  ///< tokens

  friend auto operator<=>(const AttentionKind&, const AttentionKind&) = default;
};

/// Attention of a pure decode batch of n sequences with S tokens of context in all:
///   base_us(n, heads) + S * (KV bytes per token / peak bandwidth) * read(n, kv_heads).
/// Linear in S for a given n, so that decode runs advance in closed form.
struct DecodeAttentionLaw {
  AttentionKind kind;
  FittedGrid base_us;       ///< axes sequences, heads; the factor is a time in us
  FittedGrid read;          ///< axes sequences, kv_heads; 1 is the datasheet's bandwidth
  double most_context = 0;  ///< longest context per sequence that was measured, tokens
  double mixed_read_factor =
      1;  ///< >= 1: what a KV token costs inside a mixed batch against a pure one
  FitQuality quality;
};

/// Attention of one prompt of c tokens without cached context: base_us + 2 c^2 heads head_dim (causal flops) at the
/// datasheet's dense bf16 rate * slowdown(c, heads). A chunk of c tokens on k cached ones costs base plus the
/// difference of the law at k + c and at k, plus one read of k cached tokens.
struct PrefillAttentionLaw {
  AttentionKind kind;
  double base_us = 0;
  FittedGrid slowdown;  ///< axes tokens, heads; 1 is the datasheet's rate
  FitQuality quality;
};

/// Multi-head latent attention. Decode: base_us(n, heads) + S * (latent bytes / bandwidth) * read(n, heads); prefill as
/// PrefillAttentionLaw with head_dim = nope + rope + value widths halved (flops 2 c^2 heads (nope + rope + value) / 2).
struct LatentAttentionLaw {
  std::string kv = "bf16";
  FittedGrid decode_base_us;  ///< axes sequences, heads
  FittedGrid decode_read;     ///< axes sequences, heads
  double prefill_base_us = 0;
  FittedGrid prefill_slowdown;  ///< axes tokens, heads
  FitQuality quality;
};

/// The routed experts of one layer on one GPU, gate excluded, for m tokens of which each goes to k of E experts; E_loc
/// of the experts are here, each cut `expert_tensor` ways:
///   soft maximum (sharpness q) of
///     bytes: E_loc (1 - (1 - k/E)^m) * 3 h I_loc * weight bytes, at the datasheet's bandwidth
///     flops: m k E_loc / E * 6 h I_loc, at the datasheet's rate of the precision
///   + launch, times grid(rows, width, experts): rows = m k / E per expert (at least 1/64),
///   width = I_loc, experts = E_loc.
/// `skew`: the factor by which an unbalanced router (power law 1.2 of the loads) costs more than a
/// balanced one.
struct MixtureLaw {
  double compute_efficiency = 1;
  double memory_efficiency = 1;
  double sharpness = 3;
  double launch_us = 0;
  FittedGrid grid;  ///< axes rows, width, experts
  FittedGrid skew;  ///< axes rows, experts
  FitQuality quality;
};

/// A collective among `gpus` of one NVLink island, by bytes of the message: a time in us at each knot.
struct CollectiveLaw {
  std::string
      operation;  ///< "all_reduce", "all_gather", "reduce_scatter", "all_to_all", "send_recv"
  std::int32_t gpus = 0;
  FittedGrid time_us;  ///< axis bytes; beyond the last knot, proportional to bytes
  FitQuality quality;
};

/// All operators of one layer of one model but attention and routed experts, measured as they are, on one of `tensor`
/// ranks; and what comes once per step. Used in place of GemmLaw sums where it is for the very model and cut.
struct LayerCurve {
  std::string model;  ///< a name of workloads/catalog/models
  std::string dtype = "bf16";
  std::int32_t tensor = 1;
  FittedGrid layer_us;  ///< axis tokens
  FittedGrid
      experts_us;      ///< axis tokens: the routed experts of a mixture on one GPU; no axes: none
  FittedGrid head_us;  ///< axis sequences: final norm, output head, sampler
  FitQuality quality;
};

/// All laws of one GPU type, by what they were measured with.
struct OperatorLaws {
  std::map<std::string, GemmLaw> gemm;  ///< by precision's name
  std::vector<DecodeAttentionLaw> decode_attention;
  std::vector<PrefillAttentionLaw> prefill_attention;
  std::vector<LatentAttentionLaw> latent_attention;
  std::map<std::string, MixtureLaw> mixture;  ///< by precision's name
  std::vector<CollectiveLaw> collectives;
  std::vector<LayerCurve> layer_curves;
  double elementwise_memory_efficiency = 0.8;
};

}  // namespace plimsoll
