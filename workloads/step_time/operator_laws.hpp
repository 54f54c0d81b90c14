// Laws of single operators on one GPU type: a physical formula times a fitted grid. What `plimsoll calibrate` fits, and
// what a calibration file holds. Times are of one call on one rank (one layer).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/config/fields.hpp"
#include "workloads/step_time/fitted_grid.hpp"

namespace plimsoll {

/// Bounds of a calibration file's figures: wide, they catch slips of units.
inline constexpr double kMostMicroseconds = 1e6;
inline constexpr double kLeastShare = 0.01;  ///< of a datasheet rate
inline constexpr double kMostShare = 1.5;    ///< datasheets can be modest

/// What a fit rests on and how well it holds on rows that it did not see.
struct FitQuality {
  std::string source;       ///< the measurements, with versions and licence
  std::int64_t rows = 0;    ///< measured rows that were fitted
  double median_error = 0;  ///< median |predicted / measured - 1| under cross-validation
  double p90_error = 0;     ///< its 90th percentile

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("source", &FitQuality::source, "The measurements.", required);
    visit("rows", &FitQuality::rows, "Measured rows that were fitted.", at_least(std::int64_t{0}));
    visit("median_error", &FitQuality::median_error,
          "Median relative error on rows that the fit did not see.", 0.0, 10.0);
    visit("p90_error", &FitQuality::p90_error, "Its 90th percentile.", 0.0, 100.0);
  }
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

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("compute_efficiency", &GemmLaw::compute_efficiency, "Share of the peak compute rate.",
          required, kLeastShare, kMostShare);
    visit("memory_efficiency", &GemmLaw::memory_efficiency, "Share of the peak bandwidth.",
          required, kLeastShare, kMostShare);
    visit("sharpness", &GemmLaw::sharpness, "Exponent of the soft roofline.", required, 1.0, 100.0);
    visit("launch_us", &GemmLaw::launch_us, "Fixed time.", required, 0.0, kMostMicroseconds);
    visit("grid", &GemmLaw::grid, "Factor by m, n and k.");
    visit("quality", &GemmLaw::quality, "What it rests on.", required);
  }
};

/// Which attention kernel: the format of the KV cache, the width of a head, the sliding window (0: none).
struct AttentionKind {
  std::string kv = "bf16";  ///< a precision's name
  std::int32_t head_dim = 128;
  std::int32_t window = 0;  ///< tokens

  friend auto operator<=>(const AttentionKind&, const AttentionKind&) = default;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("kv", &AttentionKind::kv, "Number format of the KV cache, bf16 or fp8.");
    visit("head_dim", &AttentionKind::head_dim, "Width of a head.", required, 1, 10'000);
    visit("window", &AttentionKind::window, "Sliding window in tokens, 0: none.", 0, 100'000'000);
  }
};

/// Attention of a pure decode batch of n sequences with S tokens of context in all:
///   base_us(n, heads) + S * (KV bytes per token / peak bandwidth) * read(n, kv_heads).
/// With a window, each sequence counts towards S with at most `kind.window` tokens.
/// Linear in S for a given n, so that decode runs advance in closed form.
///
/// Measured are contexts of equal length. Where they differ as in live batches, a token costs
/// spread(n kv_heads) times as much. In a batch that also prefills it costs mixed_read(n, group)
/// times, spread included, and each sequence but one adds
///   heads * (mixed_head_us + mixed_row_us * tokens of the longest chunk).
struct DecodeAttentionLaw {
  AttentionKind kind;
  FittedGrid base_us;       ///< axes sequences, heads; the factor is a time in us
  FittedGrid read;          ///< axes sequences, kv_heads; 1 is the datasheet's bandwidth
  double most_context = 0;  ///< longest context per sequence that was measured, tokens
  FittedGrid spread;        ///< axis tiles (sequences times KV heads)
  FittedGrid mixed_read;    ///< axes sequences, group (query heads per KV head)
  double mixed_head_us = 0;
  double mixed_row_us = 0;
  FitQuality quality;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("kind", &DecodeAttentionLaw::kind, "The kernel.", required);
    visit("base_us", &DecodeAttentionLaw::base_us, "Time in us, by sequences and heads.", required);
    visit("read", &DecodeAttentionLaw::read,
          "Time to read a KV token against the peak bandwidth, by sequences and kv_heads.",
          required);
    visit("most_context", &DecodeAttentionLaw::most_context,
          "Longest context per sequence that was measured.", 0.0, 1e9);
    visit("spread", &DecodeAttentionLaw::spread,
          "Cost of a KV token of contexts that differ in length against equal ones, by tiles.");
    visit("mixed_read", &DecodeAttentionLaw::mixed_read,
          "The same in a mixed batch, by sequences and query heads per KV head (group).");
    visit("mixed_head_us", &DecodeAttentionLaw::mixed_head_us,
          "Time of each query head of a further sequence in a mixed batch.", 0.0,
          kMostMicroseconds);
    visit("mixed_row_us", &DecodeAttentionLaw::mixed_row_us,
          "The same per token of the longest chunk.", 0.0, kMostMicroseconds);
    visit("quality", &DecodeAttentionLaw::quality, "What it rests on.", required);
  }
};

/// Attention of one prompt of c tokens without cached context: base_us + 2 c^2 heads head_dim (causal flops) at the
/// datasheet's dense bf16 rate * slowdown(c, heads). A chunk of c tokens on k cached ones costs base plus the
/// difference of the law at k + c and at k, plus one read of k cached tokens.
/// With a window w < c the flops are those of its pairs: c^2 / 2 becomes w c - w^2 / 2.
struct PrefillAttentionLaw {
  AttentionKind kind;
  double base_us = 0;
  FittedGrid slowdown;  ///< axes tokens, heads; 1 is the datasheet's rate
  FitQuality quality;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("kind", &PrefillAttentionLaw::kind, "The kernel.", required);
    visit("base_us", &PrefillAttentionLaw::base_us, "Fixed time.", required, 0.0,
          kMostMicroseconds);
    visit("slowdown", &PrefillAttentionLaw::slowdown,
          "Time against the peak rate, by tokens and heads.", required);
    visit("quality", &PrefillAttentionLaw::quality, "What it rests on.", required);
  }
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

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("kv", &LatentAttentionLaw::kv, "Number format of the KV cache, bf16 or fp8.");
    visit("decode_base_us", &LatentAttentionLaw::decode_base_us,
          "Time in us, by sequences and heads.", required);
    visit("decode_read", &LatentAttentionLaw::decode_read,
          "Time to read a token against the peak bandwidth, by sequences and heads.", required);
    visit("prefill_base_us", &LatentAttentionLaw::prefill_base_us, "Fixed time.", required, 0.0,
          kMostMicroseconds);
    visit("prefill_slowdown", &LatentAttentionLaw::prefill_slowdown,
          "Time against the peak rate, by tokens and heads.", required);
    visit("quality", &LatentAttentionLaw::quality, "What it rests on.", required);
  }
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

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("compute_efficiency", &MixtureLaw::compute_efficiency, "Share of the peak compute rate.",
          required, kLeastShare, kMostShare);
    visit("memory_efficiency", &MixtureLaw::memory_efficiency, "Share of the peak bandwidth.",
          required, kLeastShare, kMostShare);
    visit("sharpness", &MixtureLaw::sharpness, "Exponent of the soft roofline.", required, 1.0,
          100.0);
    visit("launch_us", &MixtureLaw::launch_us, "Fixed time.", required, 0.0, kMostMicroseconds);
    visit("grid", &MixtureLaw::grid, "Factor by rows, width and experts.");
    visit("skew", &MixtureLaw::skew, "Factor of an unbalanced router, by rows and experts.");
    visit("quality", &MixtureLaw::quality, "What it rests on.", required);
  }
};

/// A collective among `gpus` of one NVLink island, by bytes of the message: a time in us at each knot.
struct CollectiveLaw {
  std::string
      operation;  ///< "all_reduce", "all_gather", "reduce_scatter", "all_to_all", "send_recv"
  std::int32_t gpus = 0;
  FittedGrid time_us;  ///< axis bytes; beyond the last knot, proportional to bytes
  FitQuality quality;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("operation", &CollectiveLaw::operation,
          "all_reduce, all_gather, reduce_scatter, all_to_all or send_recv.", required);
    visit("gpus", &CollectiveLaw::gpus, "GPUs that take part.", required, 2, 100'000);
    visit("time_us", &CollectiveLaw::time_us, "Time in us, by bytes of the message.", required);
    visit("quality", &CollectiveLaw::quality, "What it rests on.", required);
  }
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

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &LayerCurve::model, "The model that was measured.", required);
    visit("dtype", &LayerCurve::dtype, "Its number format.");
    visit("tensor", &LayerCurve::tensor, "Ranks that a layer was cut into.", 1, 1024);
    visit("layer_us", &LayerCurve::layer_us,
          "Time in us of a layer less attention and routed experts, by tokens.", required);
    visit("experts_us", &LayerCurve::experts_us,
          "Time in us of the routed experts on one GPU, by tokens.");
    visit("head_us", &LayerCurve::head_us, "Time in us once per step, by sequences.");
    visit("quality", &LayerCurve::quality, "What it rests on.", required);
  }
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

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gemm", &OperatorLaws::gemm, "Matrix products, by precision.", required);
    visit("decode_attention", &OperatorLaws::decode_attention, "Attention of decode batches.",
          required);
    visit("prefill_attention", &OperatorLaws::prefill_attention, "Attention of prompts.", required);
    visit("latent_attention", &OperatorLaws::latent_attention, "Multi-head latent attention.");
    visit("mixture", &OperatorLaws::mixture, "Routed experts, by precision.");
    visit("collectives", &OperatorLaws::collectives, "Collectives within an NVLink island.");
    visit("layer_curves", &OperatorLaws::layer_curves, "Layers measured as they are.");
    visit("elementwise_memory_efficiency", &OperatorLaws::elementwise_memory_efficiency,
          "Share of the peak bandwidth of elementwise kernels.", kLeastShare, kMostShare);
  }
};

}  // namespace plimsoll
