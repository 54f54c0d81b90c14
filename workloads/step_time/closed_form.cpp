#include "workloads/step_time/closed_form.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/assert.hpp"
#include "workloads/step_time/token_curve.hpp"

namespace plimsoll {
namespace {

Ticks ticks(Seconds time) { return ticks_from_seconds(time.count()); }

/// The smallest captured batch size that holds `tokens`, or `tokens` itself beyond the largest.
std::int32_t padded(const std::vector<std::int32_t>& graph_sizes, std::int32_t tokens) {
  const auto size = std::lower_bound(graph_sizes.begin(), graph_sizes.end(), tokens);
  return size == graph_sizes.end() ? tokens : *size;
}

class ClosedForm final : public StepTimeModel {
 public:
  ClosedForm(const LayerOperators& operators, std::int32_t layers, const EngineProfile& engine,
             const ReplicaShape& shape);

  DecodeLine decode(std::int32_t sequences, std::int64_t context) const override {
    const DecodeLaw& law = law_of(sequences);
    if (context >= law.gpu_bound_from) return {law.gpu_bound, per_context_token_};
    return {law.host_bound, 0, law.gpu_bound_from};
  }

  Ticks mixed(const MixedBatch& batch) const override;

 private:
  /// A pure decode iteration of n sequences: host-bound below a context, GPU-bound from there on.
  struct DecodeLaw {
    Ticks gpu_bound = 0;  ///< at context 0
    Ticks host_bound = 0;
    std::int64_t gpu_bound_from = 0;
  };
  /// What n sequences cost beside their tokens and contexts.
  struct SequenceCosts {
    Ticks head = 0;
    Ticks host = 0;      ///< may hide behind the GPU
    Ticks overhead = 0;  ///< never hides
  };

  void fill_dense(const LayerOperators& operators, std::int32_t layers, const EngineProfile& engine,
                  const ReplicaShape& shape);
  void fill_sequences(const LayerOperators& operators, std::int32_t layers,
                      const EngineProfile& engine, const ReplicaShape& shape);
  DecodeLaw make_law(std::int32_t sequences, Ticks attention_base) const;

  const DecodeLaw& law_of(std::int32_t sequences) const {
    const auto index = static_cast<std::size_t>(sequences);
    PLIMSOLL_ASSERT(index < laws_.size(), "{} sequences, at most {}", sequences, laws_.size() - 1);
    return laws_[index];
  }
  Ticks dense(std::int32_t tokens) const {
    const auto index = static_cast<std::size_t>(tokens);
    return index < graph_dense_.size() ? graph_dense_[index] : dense_.at(tokens);
  }
  Ticks combine(Ticks gpu, const SequenceCosts& costs) const {
    const Ticks overlapped = async_ ? std::max(gpu, costs.host) : gpu + costs.host;
    return overlapped + costs.overhead;
  }

  bool async_ = true;
  TokenCurve dense_;                  ///< [tokens] matrix products and all-reduces of all layers
  std::vector<Ticks> graph_dense_;    ///< [tokens] the same, padded to the captured batch sizes
  std::vector<SequenceCosts> costs_;  ///< [sequences]
  std::vector<DecodeLaw> laws_;       ///< [sequences]
  Ticks per_sequence_ = 0;
  Ticks per_context_token_ = 0;
  Ticks per_mixed_context_token_ = 0;
  Ticks prefill_base_ = 0;
  Ticks prefill_per_token_ = 0;
  Ticks prefill_per_half_pair_ = 0;  ///< times c (2k + c), twice the attended pairs
  Ticks prefill_per_cached_token_ = 0;
};

ClosedForm::ClosedForm(const LayerOperators& operators, std::int32_t layers,
                       const EngineProfile& engine, const ReplicaShape& shape)
    : async_(engine.async_scheduling),
      per_sequence_(ticks(operators.decode_per_sequence() * layers)),
      per_context_token_(ticks(operators.decode_per_context_token() * layers)),
      per_mixed_context_token_(ticks(operators.mixed_per_context_token() * layers)),
      prefill_base_(ticks(operators.prefill_base() * layers)),
      prefill_per_token_(ticks(operators.prefill_per_token() * layers)),
      prefill_per_half_pair_(ticks(operators.prefill_per_pair() * layers * 0.5)),
      prefill_per_cached_token_(ticks(operators.prefill_per_cached_token() * layers)) {
  fill_dense(operators, layers, engine, shape);
  fill_sequences(operators, layers, engine, shape);
}

void ClosedForm::fill_dense(const LayerOperators& operators, std::int32_t layers,
                            const EngineProfile& engine, const ReplicaShape& shape) {
  const auto exact = [&](std::int32_t tokens) {
    const std::int32_t m = std::max(tokens, 1);
    return ticks((operators.dense(m) + operators.communication(m)) * layers);
  };
  dense_ = TokenCurve(shape.max_num_batched_tokens, exact);
  if (engine.graph_sizes.empty()) return;
  for (std::int32_t tokens = 0; tokens <= engine.graph_sizes.back(); ++tokens)
    graph_dense_.push_back(dense_.at(padded(engine.graph_sizes, std::max(tokens, 1))));
}

void ClosedForm::fill_sequences(const LayerOperators& operators, std::int32_t layers,
                                const EngineProfile& engine, const ReplicaShape& shape) {
  const Ticks attention_base = ticks(operators.decode_base() * layers);
  for (std::int32_t n = 0; n <= shape.max_num_seqs; ++n) {
    costs_.push_back({ticks(operators.head(n)),
                      ticks(engine.host_base + engine.host_per_sequence * n),
                      ticks(engine.overhead_base + engine.overhead_per_layer * layers +
                            engine.overhead_per_sequence * n)});
    laws_.push_back(make_law(n, attention_base));
  }
}

ClosedForm::DecodeLaw ClosedForm::make_law(std::int32_t sequences, Ticks attention_base) const {
  const SequenceCosts& costs = costs_[static_cast<std::size_t>(sequences)];
  const Ticks gpu = dense(sequences) + attention_base + per_sequence_ * sequences + costs.head;
  DecodeLaw law{gpu + costs.overhead, costs.host + costs.overhead, 0};
  if (!async_) {
    law.gpu_bound += costs.host;
  } else if (costs.host > gpu) {
    law.gpu_bound_from = (costs.host - gpu + per_context_token_ - 1) / per_context_token_;
  }
  return law;
}

Ticks ClosedForm::mixed(const MixedBatch& batch) const {
  if (batch.prefill.empty())
    return decode(batch.decode_sequences, batch.decode_context).at(batch.decode_context);
  std::int32_t tokens = batch.decode_sequences;
  Ticks attention = prefill_base_ + per_sequence_ * batch.decode_sequences +
                    per_mixed_context_token_ * batch.decode_context;
  for (const PrefillChunk& chunk : batch.prefill) {
    const std::int64_t c = chunk.new_tokens;
    const std::int64_t k = chunk.cached_tokens;
    tokens += chunk.new_tokens;
    attention += prefill_per_token_ * c + prefill_per_half_pair_ * (c * (2 * k + c)) +
                 prefill_per_cached_token_ * k;
  }
  const auto sequences = static_cast<std::size_t>(batch.decode_sequences) + batch.prefill.size();
  const auto sampled = static_cast<std::size_t>(batch.sampled_sequences);
  PLIMSOLL_ASSERT(sequences < costs_.size() && sampled <= sequences,
                  "{} sequences, {} sampled, at most {}", sequences, sampled, costs_.size() - 1);
  return combine(dense(tokens) + attention + costs_[sampled].head, costs_[sequences]);
}

}  // namespace

std::shared_ptr<const StepTimeModel> make_closed_form(const ModelSpec& model,
                                                      const DeviceRates& rates,
                                                      const Calibration& calibration,
                                                      const EngineProfile& engine,
                                                      const ReplicaShape& shape) {
  const LayerOperators operators(model, rates, calibration, shape.precision, shape.tensor_parallel);
  return std::make_shared<const ClosedForm>(operators, model.layers, engine, shape);
}

}  // namespace plimsoll
