// Attention of all layers of a step on one rank: with full contexts, windows, latent vectors, an
// index, or a recurrent state.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/model_spec.hpp"
#include "workloads/step_time/device_rates.hpp"
#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// Times in us, over all layers.
///
/// Decoding n sequences with S tokens of context in all costs base(n) + growing(n) S + capped(n)
/// min(S, n cap): layers with a window attend to no more than `cap` tokens of a sequence, those
/// with an index to the tokens that it picked. Taking the sum's minimum for the sum of minima is
/// exact where all contexts are on one side of the cap. In a batch that also prefills they cost
/// mixed_growing(n) and mixed_capped(n), and m sequences in all at least prefill_base + (m - 1)
/// (further_sequence + further_row t), where t are the tokens of the longest chunk.
///
/// A prompt costs prefill_base once per step, and prompt(k + c) - prompt(k) + k cached for c tokens
/// on k cached ones.
class AttentionTerms {
 public:
  AttentionTerms(const ModelSpec& model, Precision kv, std::int32_t tensor,
                 const DeviceRates& rates, const OperatorLaws& laws);

  double base(double sequences) const;
  double growing(double sequences) const;
  double capped(double sequences) const;
  std::int32_t cap() const { return cap_; }  ///< tokens per sequence; 0: nothing is capped
  double mixed_growing(double sequences) const;
  double mixed_capped(double sequences) const;
  double further_sequence() const;
  double further_row() const;

  double prefill_base() const;
  double prompt(double tokens) const;
  double cached() const;  ///< per token

 private:
  /// Layers of one kernel. `window` caps contexts; an index does so too, at its top_k.
  struct Group {
    std::int32_t layers = 0;
    std::int32_t window = 0;
    DecodeAttentionLaw decode;
    PrefillAttentionLaw prefill;
  };
  double read(const Group& group, double sequences) const;
  double spread(const Group& group, double sequences) const;
  double mixed_read(const Group& group, double sequences) const;
  double latent_read(double sequences) const;
  double index_read() const;
  double state_traffic() const;  ///< per sequence: reading and writing recurrent states
  double state_update(double tokens) const;

  ModelSpec model_;
  DeviceRates rates_;
  double elementwise_efficiency_;
  double heads_;
  double kv_heads_;
  std::int32_t tensor_;
  std::vector<Group> groups_;
  std::optional<LatentAttentionLaw> latent_;
  std::int32_t cap_ = 0;
};

}  // namespace plimsoll
