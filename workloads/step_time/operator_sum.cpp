#include "workloads/step_time/operator_sum.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "core/assert.hpp"
#include "workloads/step_time/decode_law.hpp"
#include "workloads/step_time/prompt_curve.hpp"
#include "workloads/step_time/token_curve.hpp"

namespace plimsoll {
namespace {

double ticks_of_us(double us) { return us * 1e3 * static_cast<double>(kTicksPerNanosecond); }
Ticks whole(double ticks) { return static_cast<Ticks>(std::llround(ticks)); }
Ticks scaled(Ticks ticks, double factor) {
  return factor == 1 ? ticks : whole(static_cast<double>(ticks) * factor);
}
std::int32_t split(std::int32_t size, std::int32_t parts) { return (size + parts - 1) / parts; }

/// The smallest captured batch size that holds `tokens`, or `tokens` itself beyond the largest.
std::int32_t padded(const std::vector<std::int32_t>& graph_sizes, std::int32_t tokens) {
  const auto size = std::lower_bound(graph_sizes.begin(), graph_sizes.end(), tokens);
  return size == graph_sizes.end() ? tokens : *size;
}

/// A curve of us at so many tokens or sequences; a measured dip is filled, since more work never
/// takes less time.
TokenCurve rising_curve(std::int32_t most, const std::function<double(double)>& us_at) {
  double highest = 0;
  return TokenCurve(most, [&](std::int32_t size) {
    highest = std::max(highest, us_at(size));
    return whole(ticks_of_us(highest));
  });
}

/// [n]: ticks per token of context. n contexts of equal length never take less time than n - 1.
std::vector<Ticks> read_table(std::int32_t most, const std::function<double(double)>& us_at) {
  const TokenCurve curve(most,
                         [&](std::int32_t n) { return whole(ticks_of_us(us_at(std::max(n, 1)))); });
  std::vector<Ticks> table{curve.at(1)};
  for (std::int32_t n = 1; n <= most; ++n) {
    const Ticks least = n == 1 ? 0 : (table.back() * (n - 1) + n - 1) / n;
    table.push_back(std::max(curve.at(n), least));
  }
  return table;
}

class OperatorSum final : public StepTimeModel {
 public:
  OperatorSum(const ReplicaOperators& operators, const EngineProfile& engine,
              const StepShape& shape);

  DecodeLine decode(std::int32_t sequences, std::int64_t context) const override {
    const auto index = static_cast<std::size_t>(sequences);
    PLIMSOLL_ASSERT(index < laws_.size(), "{} sequences, at most {}", sequences, laws_.size() - 1);
    return laws_[index].line(context);
  }
  Ticks mixed(const MixedBatch& batch) const override;

 private:
  /// What n sequences cost in a step that prefills.
  struct SequenceCosts {
    Ticks attention = 0;  ///< of n sequences, decoding or chunks
    Ticks growing = 0;    ///< per token of context of n decoding ones
    Ticks capped = 0;
    std::int64_t capped_until = 0;
    std::int32_t tokens = 0;  ///< that n decoding ones bring
    Ticks head = 0;
    Ticks host = 0;      ///< may hide behind the GPU
    Ticks overhead = 0;  ///< never hides
  };
  /// The unscaled tables that the others are made from.
  struct Sources;

  GpuDecodeLaw gpu_law(const Sources& sources, std::int32_t sequences, std::int32_t tokens) const;
  GpuDecodeLaw paced_law(const Sources& sources, std::int32_t sequences,
                         const std::optional<SpeculativeSpec>& speculative) const;
  void fill_sequences(const Sources& sources, const EngineProfile& engine, const StepShape& shape);
  Ticks stages(const MixedBatch& batch) const;
  /// Attention of so many sequences, chunks among them, but for what grows with their tokens.
  Ticks mixed_base(std::int32_t sequences, std::int32_t longest_chunk) const {
    const Ticks further = (sequences - 1) * (further_sequence_ + further_row_ * longest_chunk);
    return std::max(prefill_base_ + further, costs(sequences).attention);
  }
  const SequenceCosts& costs(std::int32_t sequences) const {
    const auto index = static_cast<std::size_t>(sequences);
    PLIMSOLL_ASSERT(index < costs_.size(), "{} sequences, at most {}", sequences,
                    costs_.size() - 1);
    return costs_[index];
  }
  Ticks dense(std::int32_t tokens) const {
    const auto index = static_cast<std::size_t>(tokens);
    return index < graph_dense_.size() ? graph_dense_[index] : dense_.at(tokens);
  }

  bool async_ = true;
  std::int32_t pipeline_ = 1;
  std::int32_t layers_ = 0;
  std::vector<DecodeLaw> laws_;       ///< [sequences]
  std::vector<SequenceCosts> costs_;  ///< [sequences]
  TokenCurve dense_;                  ///< [tokens] in a step that prefills
  std::vector<Ticks> graph_dense_;    ///< [tokens] the same, padded to the captured batch sizes
  TokenCurve send_;                   ///< [tokens] all stages of a pipeline
  Ticks prefill_base_ = 0;
  Ticks further_sequence_ = 0;             ///< of each sequence but one in a step that prefills
  Ticks further_row_ = 0;                  ///< the same per token of the longest chunk
  PromptCurve prompt_;                     ///< [tokens] attention of a prompt
  Ticks cached_ = 0;                       ///< per cached token below a chunk
  Ticks prefill_floor_ = 0;                ///< least time of a step that prefills
  std::vector<GpuDecodeLaw> corrections_;  ///< [sequences] of anchors with two scales, or empty
};

struct OperatorSum::Sources {
  TokenCurve dense;
  std::vector<std::int32_t> graph_sizes;
  std::int32_t most_decoded = 0;  ///< tokens; captured in place of any larger size
  TokenCurve attention;
  TokenCurve head;
  TokenCurve send;
  std::vector<Ticks> growing;
  std::vector<Ticks> capped;
  std::vector<Ticks> mixed_growing;
  std::vector<Ticks> mixed_capped;
  std::int32_t cap = 0;
};

OperatorSum::OperatorSum(const ReplicaOperators& operators, const EngineProfile& engine,
                         const StepShape& shape)
    : async_(engine.async_scheduling),
      pipeline_(operators.recipe().parallelism.pipeline),
      layers_(operators.recipe().model.layers) {
  const AttentionTerms& attention = operators.attention();
  const double prefill_scale = shape.anchor.prefill_scale;
  const std::int32_t drafted = shape.speculative ? shape.speculative->draft_tokens : 0;
  const std::int32_t most_decoded = shape.max_num_seqs * (drafted + 1);
  const std::int32_t most_tokens =
      std::max({shape.max_num_batched_tokens, most_decoded,
                engine.graph_sizes.empty() ? 0 : engine.graph_sizes.back()});
  const auto at_least_one = [](double size) { return std::max(size, 1.0); };
  Sources sources;
  sources.dense = rising_curve(
      most_tokens, [&](double tokens) { return operators.dense(at_least_one(tokens)); });
  sources.graph_sizes = engine.graph_sizes;
  sources.most_decoded = most_decoded;
  sources.attention =
      rising_curve(shape.max_num_seqs, [&](double n) { return attention.base(at_least_one(n)); });
  sources.head = rising_curve(most_decoded, [&](double n) { return operators.head(n); });
  sources.growing = read_table(shape.max_num_seqs, [&](double n) { return attention.growing(n); });
  sources.capped = read_table(shape.max_num_seqs, [&](double n) { return attention.capped(n); });
  sources.mixed_growing =
      read_table(shape.max_num_seqs, [&](double n) { return attention.mixed_growing(n); });
  sources.mixed_capped =
      read_table(shape.max_num_seqs, [&](double n) { return attention.mixed_capped(n); });
  sources.cap = attention.cap();
  if (pipeline_ > 1)
    sources.send = rising_curve(most_tokens, [&](double tokens) {
      return pipeline_ * operators.send(at_least_one(tokens));
    });
  send_ = sources.send;
  dense_ = TokenCurve(most_tokens, [&](std::int32_t tokens) {
    return scaled(sources.dense.at(tokens), prefill_scale);
  });
  if (!engine.graph_sizes.empty())
    for (std::int32_t tokens = 0; tokens <= engine.graph_sizes.back(); ++tokens)
      graph_dense_.push_back(dense_.at(padded(engine.graph_sizes, std::max(tokens, 1))));
  prefill_base_ = whole(prefill_scale * ticks_of_us(attention.prefill_base()));
  further_sequence_ = whole(prefill_scale * ticks_of_us(attention.further_sequence()));
  further_row_ = whole(prefill_scale * ticks_of_us(attention.further_row()));
  prompt_ = PromptCurve(std::max(shape.max_model_len, most_tokens), [&](double tokens) {
    return prefill_scale * ticks_of_us(attention.prompt(tokens));
  });
  cached_ = whole(prefill_scale * ticks_of_us(attention.cached()));
  prefill_floor_ = ticks_from_seconds(shape.anchor.prefill_floor.count());
  fill_sequences(sources, engine, shape);
}

/// A step of `sequences`, each with `tokens` new ones.
GpuDecodeLaw OperatorSum::gpu_law(const Sources& sources, std::int32_t sequences,
                                  std::int32_t tokens) const {
  const std::int32_t batches = std::clamp(sequences, 1, pipeline_);
  const std::int32_t micro = std::max(1, split(sequences, batches));
  const std::int32_t padded_tokens =
      std::min(padded(sources.graph_sizes, micro * tokens), sources.most_decoded);
  const auto index = static_cast<std::size_t>(micro);
  GpuDecodeLaw law;
  law.base = sources.dense.at(padded_tokens) + sources.attention.at(micro) +
             sources.head.at(micro * tokens) * batches;
  if (pipeline_ > 1) law.base += sources.send.at(micro * tokens);
  law.growing = sources.growing[index] / batches;
  law.capped = sources.capped[index] / batches;
  law.capped_until = std::int64_t{sources.cap} * sequences;
  return law;
}

/// The same per token that comes of it.
GpuDecodeLaw OperatorSum::paced_law(const Sources& sources, std::int32_t sequences,
                                    const std::optional<SpeculativeSpec>& speculative) const {
  GpuDecodeLaw law = gpu_law(sources, sequences, 1);
  if (!speculative) return law;
  const GpuDecodeLaw verify = gpu_law(sources, sequences, speculative->draft_tokens + 1);
  const double draft = speculative->draft_tokens * speculative->draft_share;
  const auto paced = [&](Ticks verifying, Ticks plain) {
    return whole((static_cast<double>(verifying) + draft * static_cast<double>(plain)) /
                 speculative->accepted_length);
  };
  law.base = paced(verify.base, law.base);
  law.growing = paced(verify.growing, law.growing);
  law.capped = paced(verify.capped, law.capped);
  return law;
}

void OperatorSum::fill_sequences(const Sources& sources, const EngineProfile& engine,
                                 const StepShape& shape) {
  const Anchor& anchor = shape.anchor;
  const double accepted = shape.speculative ? shape.speculative->accepted_length : 1.0;
  const std::int32_t drafted = shape.speculative ? shape.speculative->draft_tokens : 0;
  for (std::int32_t n = 0; n <= shape.max_num_seqs; ++n) {
    const std::int32_t batches = std::clamp(n, 1, pipeline_);
    const Ticks host =
        ticks_from_seconds((engine.host_base * batches + engine.host_per_sequence * n).count());
    const Ticks overhead = std::max<Ticks>(
        0, ticks_from_seconds((engine.overhead_base + engine.overhead_per_layer * layers_ +
                               engine.overhead_per_sequence * n + anchor.step_offset)
                                  .count()));
    const GpuDecodeLaw paced = paced_law(sources, n, shape.speculative);
    const auto anchored = [&](double scale) {
      return GpuDecodeLaw{scaled(paced.base, scale), scaled(paced.growing, scale),
                          scaled(paced.capped, scale), paced.capped_until};
    };
    GpuDecodeLaw gpu = anchored(anchor.decode_scale);
    const Ticks paced_host = scaled(host, 1 / accepted);
    if (!async_) gpu.base += paced_host;
    laws_.emplace_back(gpu, async_ ? paced_host : Ticks{0}, scaled(overhead, 1 / accepted));
    if (anchor.decode_scale != anchor.prefill_scale)
      corrections_.push_back(n == 0 ? GpuDecodeLaw{}
                                    : anchored(anchor.decode_scale - anchor.prefill_scale));
    const auto index = static_cast<std::size_t>(n);
    const double scale = anchor.prefill_scale;
    const double read_scale = scale / accepted;
    costs_.push_back({.attention = scaled(sources.attention.at(n), scale),
                      .growing = scaled(sources.mixed_growing[index], read_scale),
                      .capped = scaled(sources.mixed_capped[index], read_scale),
                      .capped_until = std::int64_t{sources.cap} * n,
                      .tokens = static_cast<std::int32_t>(std::ceil(n * (drafted + 1) / accepted)),
                      .head = scaled(sources.head.at(n), scale),
                      .host = host,
                      .overhead = overhead});
  }
}

Ticks OperatorSum::mixed(const MixedBatch& batch) const {
  if (batch.prefill.empty())
    return decode(batch.decode_sequences, batch.decode_context).at(batch.decode_context);
  const SequenceCosts& all =
      costs(batch.decode_sequences + static_cast<std::int32_t>(batch.prefill.size()));
  Ticks gpu = stages(batch);
  if (!corrections_.empty())
    gpu += corrections_[static_cast<std::size_t>(batch.decode_sequences)].at(batch.decode_context);
  const Ticks overlapped = async_ ? std::max(gpu, all.host) : gpu + all.host;
  return std::max(prefill_floor_, overlapped + all.overhead);
}

/// The GPUs' part: in one piece, or in as many micro-batches as there are stages and sequences.
Ticks OperatorSum::stages(const MixedBatch& batch) const {
  const SequenceCosts& decoding = costs(batch.decode_sequences);
  std::int32_t tokens = decoding.tokens;
  std::int32_t most_tokens = 0;
  Ticks attention = decoding.growing * batch.decode_context +
                    decoding.capped * std::min(batch.decode_context, decoding.capped_until);
  Ticks most_attention = 0;
  for (const PrefillChunk& chunk : batch.prefill) {
    const Ticks chunk_attention = prompt_.at(chunk.cached_tokens + chunk.new_tokens) -
                                  prompt_.at(chunk.cached_tokens) + cached_ * chunk.cached_tokens;
    tokens += chunk.new_tokens;
    attention += chunk_attention;
    most_tokens = std::max(most_tokens, chunk.new_tokens);
    most_attention = std::max(most_attention, chunk_attention);
  }
  const std::int32_t sequences =
      batch.decode_sequences + static_cast<std::int32_t>(batch.prefill.size());
  PLIMSOLL_ASSERT(batch.sampled_sequences <= sequences, "{} sequences, {} sampled", sequences,
                  batch.sampled_sequences);
  if (pipeline_ == 1)
    return dense(tokens) + mixed_base(sequences, most_tokens) + attention +
           costs(batch.sampled_sequences).head;
  const std::int32_t batches = std::min(pipeline_, sequences);
  const std::int32_t micro = std::max(split(tokens, batches), most_tokens);
  return dense(micro) + mixed_base(split(sequences, batches), most_tokens) +
         std::max(attention / batches, most_attention) +
         costs(split(batch.sampled_sequences, batches)).head * batches + send_.at(micro);
}

}  // namespace

std::shared_ptr<const StepTimeModel> make_operator_sum(const ReplicaOperators& operators,
                                                       const EngineProfile& engine,
                                                       const StepShape& shape) {
  return std::make_shared<const OperatorSum>(operators, engine, shape);
}

}  // namespace plimsoll
