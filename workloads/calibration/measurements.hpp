// Measured operators of one GPU type: what fits are made from. Times in us, of one call on one rank.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/model_spec.hpp"
#include "workloads/step_time/operator_laws.hpp"
#include "workloads/step_time/operator_times.hpp"

namespace plimsoll {

/// Rows from one file, of one version of one kernel; what a fit names as its source.
struct MeasurementSet {
  std::string file;     ///< without its folder
  std::string origin;   ///< repository, commit and licence; empty where not given
  std::string backend;  ///< "vllm 0.24.0"
  std::string kernel;   ///< as the file names it; may be empty

  friend auto operator<=>(const MeasurementSet&, const MeasurementSet&) = default;
};

struct GemmRow {
  Precision precision = Precision::bf16;
  GemmShape shape;
  double us = 0;
  std::int32_t set = 0;  ///< index into Measurements::sets; likewise below
};

/// Sequences of one length each: decoding with `tokens` of context, or prompts of `tokens`.
struct AttentionRow {
  AttentionKind kind;
  double sequences = 0;
  double tokens = 0;
  double heads = 0;
  double kv_heads = 0;
  double us = 0;
  std::int32_t set = 0;
};

/// The same of multi-head latent attention, kernels alone, of DeepSeek-V3's widths.
struct LatentRow {
  std::string kv;  ///< a precision's name
  double sequences = 0;
  double tokens = 0;
  double heads = 0;
  double us = 0;
  std::int32_t set = 0;
};

struct MixtureRow {
  Precision precision = Precision::bf16;
  MixtureShape shape;
  double skew = 0;  ///< exponent of the power law of the loads; 0: balanced
  double us = 0;
  std::int32_t set = 0;
};

struct CollectiveRow {
  std::string operation;  ///< as CollectiveLaw names it
  std::int32_t gpus = 0;
  double bytes = 0;
  double us = 0;
  std::int32_t set = 0;
};

/// A model that was profiled as a whole, by its own name, and how it was cut.
struct ProfiledModel {
  std::string model;  ///< "meta-llama/Llama-3.1-8B"
  std::string dtype = "bf16";
  std::int32_t tensor = 1;

  friend auto operator<=>(const ProfiledModel&, const ProfiledModel&) = default;
};

/// The sum over all operators of one part at one size.
struct LayerRow {
  enum class Part : std::uint8_t {
    layer,    ///< of one layer, by tokens, less attention and routed experts
    experts,  ///< the routed experts of one layer, by tokens and experts that any token goes to
    step,     ///< once per step, by tokens: embedding, final norm
    head,     ///< once per step, by sequences: output head, sampler
  };
  ProfiledModel of;
  Part part = Part::layer;
  double count = 0;      ///< tokens or sequences
  double activated = 0;  ///< experts; of that part alone
  double us = 0;
  std::int32_t set = 0;
};

/// Attention of one step: a chunk of a prompt on top of cached tokens, and decoding sequences of one length.
struct BatchRow {
  ProfiledModel of;
  double chunk = 0;
  double cached = 0;
  double sequences = 0;
  double context = 0;  ///< of each sequence
  double us = 0;
  std::int32_t set = 0;
};

/// The same with contexts of two lengths.
struct SpreadRow {
  BatchRow batch;      ///< `context`: the mean
  double longer = 0;   ///< sequences with the longer contexts
  double longest = 0;  ///< their length
  double even_us = 0;  ///< of the same batch with contexts of equal length
};

struct PowerRow {
  ProfiledModel of;  ///< `tensor`: all its GPUs
  double batch = 0;  ///< mean number of sequences in a step
  double watts = 0;  ///< of one GPU
  std::int32_t set = 0;
};

struct Measurements {
  std::vector<MeasurementSet> sets;
  std::vector<GemmRow> gemm;
  std::vector<AttentionRow> decode;
  std::vector<AttentionRow> prefill;
  std::vector<LatentRow> latent_decode;
  std::vector<LatentRow> latent_prefill;
  std::vector<MixtureRow> mixture;
  std::vector<CollectiveRow> collectives;
  std::vector<LayerRow> layers;
  std::vector<BatchRow> batches;
  std::vector<SpreadRow> spread;
  std::vector<PowerRow> power;

  /// The index of a set, added where it is new.
  std::int32_t set(const MeasurementSet& wanted);
};

}  // namespace plimsoll
