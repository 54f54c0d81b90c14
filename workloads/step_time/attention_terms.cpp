#include "workloads/step_time/attention_terms.hpp"

#include <algorithm>
#include <array>

#include "workloads/step_time/law_choice.hpp"
#include "workloads/step_time/operator_times.hpp"

namespace plimsoll {
namespace {

constexpr double kMicroseconds = 1e6;
/// Of the fp8 or bf16 rate, for an index's scores and for recurrent updates: assumed, as measured
/// prefill attention.
constexpr double kScoreShare = 0.5;
/// A gated delta rule works in chunks of so many tokens (flash-linear-attention's default).
constexpr double kStateChunk = 64;
constexpr double kStateBytes = 4;  // fp32

}  // namespace

AttentionTerms::AttentionTerms(const ModelSpec& model, Precision kv, std::int32_t tensor,
                               const DeviceRates& rates, const OperatorLaws& laws)
    : model_(model),
      rates_(rates),
      elementwise_efficiency_(laws.elementwise_memory_efficiency),
      heads_(std::max(1, model.heads / tensor)),
      kv_heads_(kv_heads_per_rank(model, tensor)),
      tensor_(tensor) {
  const std::string format(precision_name(kv));
  if (model.sparse_attention) cap_ = model.sparse_attention->top_k;
  if (model.latent_attention) {
    latent_ = nearest_law(laws.latent_attention, format);
    return;
  }
  const auto add = [&](std::int32_t layers, std::int32_t window) {
    if (layers <= 0) return;
    const AttentionKind kind{format, model.head_dim, window};
    groups_.push_back({layers, window, nearest_law(laws.decode_attention, kind),
                       nearest_law(laws.prefill_attention, kind)});
  };
  const std::int32_t windowed = model.window ? model.window->layers : 0;
  add(model.attention_layers() - windowed, 0);
  if (windowed > 0) add(windowed, model.window->tokens);
  if (windowed > 0 && cap_ == 0) cap_ = model.window->tokens;
}

double AttentionTerms::base(double sequences) const {
  double sum = state_traffic() * sequences;
  for (const Group& group : groups_)
    sum += group.layers * group.decode.base_us.factor(std::array{sequences, heads_});
  if (latent_) sum += model_.layers * latent_->decode_base_us.factor(std::array{sequences, heads_});
  return sum;
}

double AttentionTerms::read(const Group& group, double sequences) const {
  return group.layers * decode_read_us(sequences, kv_heads_, rates_, group.decode);
}

// Contexts within a window are of one length, and so is a single one.
double AttentionTerms::spread(const Group& group, double sequences) const {
  if (group.window > 0 || sequences <= 1) return 1;
  return std::max(1.0, group.decode.spread.factor(std::array{sequences * kv_heads_}));
}

double AttentionTerms::mixed_read(const Group& group, double sequences) const {
  const double factor = group.decode.mixed_read.factor(std::array{sequences, heads_ / kv_heads_});
  return std::max(spread(group, sequences), factor) * read(group, sequences);
}

double AttentionTerms::latent_read(double sequences) const {
  return latent_ ? model_.layers *
                       latent_read_us(sequences, heads_, *model_.latent_attention, rates_, *latent_)
                 : 0;
}

// The indexer reads one fp8 vector with an fp32 scale per token of context.
double AttentionTerms::index_read() const {
  if (!model_.sparse_attention) return 0;
  const double bytes = model_.sparse_attention->index_dim + 4.0;
  return model_.attention_layers() * bytes / (elementwise_efficiency_ * rates_.memory.count()) *
         kMicroseconds;
}

double AttentionTerms::growing(double sequences) const {
  if (model_.sparse_attention) return index_read();
  double sum = latent_read(sequences);
  for (const Group& group : groups_)
    if (group.window == 0) sum += spread(group, sequences) * read(group, sequences);
  return sum;
}

double AttentionTerms::mixed_growing(double sequences) const {
  if (model_.sparse_attention) return index_read();
  double sum = latent_read(sequences);
  for (const Group& group : groups_)
    if (group.window == 0) sum += mixed_read(group, sequences);
  return sum;
}

double AttentionTerms::capped(double sequences) const {
  double sum = model_.sparse_attention ? latent_read(sequences) : 0;
  for (const Group& group : groups_)
    if (group.window > 0 || model_.sparse_attention) sum += read(group, sequences);
  return sum;
}

double AttentionTerms::mixed_capped(double sequences) const {
  double sum = model_.sparse_attention ? latent_read(sequences) : 0;
  for (const Group& group : groups_)
    if (group.window > 0 || model_.sparse_attention) sum += mixed_read(group, sequences);
  return sum;
}

double AttentionTerms::further_sequence() const {
  double sum = 0;
  for (const Group& group : groups_) sum += group.layers * heads_ * group.decode.mixed_head_us;
  return sum;
}

double AttentionTerms::further_row() const {
  double sum = 0;
  for (const Group& group : groups_) sum += group.layers * heads_ * group.decode.mixed_row_us;
  return sum;
}

double AttentionTerms::prefill_base() const {
  double sum = latent_ ? model_.layers * latent_->prefill_base_us : 0;
  for (const Group& group : groups_) sum += group.layers * group.prefill.base_us;
  return sum;
}

double AttentionTerms::prompt(double tokens) const {
  if (tokens <= 0) return 0;
  double sum = state_update(tokens);
  const double picked = model_.sparse_attention ? model_.sparse_attention->top_k : 0;
  if (latent_)
    sum += model_.layers *
           latent_prefill_us(tokens, heads_, picked, *model_.latent_attention, rates_, *latent_);
  for (const Group& group : groups_)
    sum += group.layers * prefill_attention_us(tokens, heads_, std::max(picked, 1.0 * group.window),
                                               rates_, group.prefill);
  if (const auto& sparse = model_.sparse_attention) {
    const FlopPerSecond rate = rates_.fp8.count() > 0 ? rates_.fp8 : rates_.bf16;
    const double flops = 2.0 * attended_pairs(tokens, 0) * sparse->index_heads * sparse->index_dim;
    sum += model_.attention_layers() * flops / (kScoreShare * rate.count()) * kMicroseconds;
  }
  return sum;
}

// A chunk on cached tokens reads them once; latent ones are projected up to keys and values again.
double AttentionTerms::cached() const {
  const double read = growing(1) + (cap_ == 0 ? 0 : capped(1));
  if (!model_.latent_attention) return read;
  const LatentAttentionSpec& latent = *model_.latent_attention;
  const double flops = 2.0 * latent.kv_rank * heads_ * (latent.nope_dim + latent.value_dim);
  return read + model_.layers * flops / (kScoreShare * rates_.bf16.count()) * kMicroseconds;
}

double AttentionTerms::state_traffic() const {
  if (!model_.linear_attention) return 0;
  const LinearAttentionSpec& linear = *model_.linear_attention;
  const double values =
      double{1} * linear.value_heads * linear.key_dim * linear.value_dim / tensor_;
  return linear.layers * 2.0 * values * kStateBytes /
         (elementwise_efficiency_ * rates_.memory.count()) * kMicroseconds;
}

// Per token: the state's update and its reading, 2 key_dim value_dim each, and within its chunk the
// products of half a chunk of keys and values.
double AttentionTerms::state_update(double tokens) const {
  if (!model_.linear_attention) return 0;
  const LinearAttentionSpec& linear = *model_.linear_attention;
  const double per_head =
      4.0 * linear.key_dim * linear.value_dim + kStateChunk * (linear.key_dim + linear.value_dim);
  const double flops = tokens * linear.layers * linear.value_heads * per_head / tensor_;
  return flops / (kScoreShare * rates_.bf16.count()) * kMicroseconds +
         state_traffic() * tokens / kStateChunk;
}

}  // namespace plimsoll
