// What a replica's next iteration holds and how long it takes: vLLM V1's Scheduler.schedule(), first come first served.
#include <algorithm>
#include <array>
#include <limits>

#include "core/assert.hpp"
#include "sim/replica.hpp"

namespace plimsoll {
namespace {

/// The longest macro-step. Keeps sums of ticks far inside 64 bits; a run that is cut here continues as if it were not.
constexpr std::int64_t kLongestRun = 16384;

}  // namespace

// ---- Scheduling: what the next iteration holds ----------------------------------------------------------------------

void Replica::begin_step(Context<Replica>& context) {
  const std::int64_t now_ns = to_ns(context.now());
  chunks_.clear();
  bool preempted = !take_decode_blocks(now_ns);
  std::int64_t budget = setup_->max_num_batched_tokens - static_cast<std::int64_t>(decoding_);
  if (!preempted && partial_ != kNone) preempted = !continue_prefill(budget, now_ns);
  if (!preempted) admit_waiting(budget);
  mixed_ = !chunks_.empty();
  if (mixed_) {
    plan_mixed(now_ns);
  } else {
    // An iteration that preempted admitted nobody; the next one may.
    plan_decode(now_ns, preempted ? 1 : kLongestRun);
  }
  note_kv_peak();
  end_itl_row();
  stepping_ = true;
  wake_at_end(context);
}

/// Blocks for one more token of each decoding sequence. False when that took a preemption.
bool Replica::take_decode_blocks(std::int64_t now_ns) {
  if (decoding_ == 0) return true;
  const std::int64_t needed = kv_.needed(decode_index_, 1);
  if (needed > kv_.free()) return take_decode_blocks_or_preempt(now_ns);
  kv_.take(needed);
  return true;
}

/// In order of admission: whoever finds no block takes those of the last, until that is itself.
bool Replica::take_decode_blocks_or_preempt(std::int64_t now_ns) {
  bool preempted = false;
  for (std::uint16_t slot = head_; slot != kNone; slot = sequences_[slot].next) {
    const Sequence& sequence = sequences_[slot];
    if (!sequence.decoding) break;  // the partially prefilled one is last
    if (computed(sequence) % setup_->block_tokens != 0) continue;
    while (kv_.free() == 0 && tail_ != slot) {
      preempt_last(now_ns);
      preempted = true;
    }
    if (kv_.free() == 0) {
      preempt_last(now_ns);
      return false;
    }
    kv_.take(1);
  }
  return !preempted;
}

void Replica::preempt_last(std::int64_t now_ns) {
  const std::uint16_t slot = tail_;
  Sequence& sequence = sequences_[slot];
  const std::int64_t tokens = computed(sequence);
  kv_.give_back(kv_.blocks_for(tokens));
  if (sequence.decoding) {
    kv_.leave(tokens, decode_index_);
    decode_context_ -= tokens;
    --decoding_;
    sequence.request.produced += static_cast<std::int32_t>(decode_index_ - sequence.joined_at);
    sequence.request.last_token_ns = now_ns;  // the iteration that has just ended gave it one
    std::erase_if(finishes_, [&](const Finish& finish) { return finish.slot() == slot; });
    std::make_heap(finishes_.begin(), finishes_.end(), later);
  } else {
    partial_ = kNone;
  }
  ++sequence.request.preemptions;
  ++fact_.preemptions;
  waiting_.push_front(sequence.request);
  unlink(slot);
  membership_changed_ = true;
}

/// The next chunk of the partially prefilled sequence. False when it found no blocks and was preempted.
bool Replica::continue_prefill(std::int64_t& budget, std::int64_t now_ns) {
  const Sequence& sequence = sequences_[partial_];
  const std::int64_t total = sequence.request.prompt_tokens + sequence.request.produced;
  const std::int64_t tokens = std::min(total - sequence.computed, budget);
  if (tokens == 0) return true;
  const std::int64_t blocks =
      kv_.blocks_for(sequence.computed + tokens) - kv_.blocks_for(sequence.computed);
  if (blocks > kv_.free()) {
    preempt_last(now_ns);
    return false;
  }
  kv_.take(blocks);
  chunks_.push_back({partial_, static_cast<std::int32_t>(tokens)});
  budget -= tokens;
  return true;
}

void Replica::admit_waiting(std::int64_t budget) {
  while (!waiting_.empty() && members_ < static_cast<std::uint32_t>(setup_->max_num_seqs) &&
         budget > 0) {
    const QueuedRequest& request = waiting_.front();
    const std::int64_t total = request.prompt_tokens + request.produced;
    const std::int64_t tokens = std::min(total, budget);
    const std::int64_t blocks = kv_.blocks_for(tokens);
    if (blocks > kv_.free()) return;
    kv_.take(blocks);
    const std::uint16_t slot = allocate_slot();
    sequences_[slot].request = request;
    sequences_[slot].admission = admissions_++;
    waiting_.pop_front();
    append(slot);
    chunks_.push_back({slot, static_cast<std::int32_t>(tokens)});
    budget -= tokens;
    membership_changed_ = true;
  }
}

// ---- Planning: how long it takes ------------------------------------------------------------------------------------

void Replica::plan_mixed(std::int64_t now_ns) {
  std::array<PrefillChunk, 16> small;
  std::vector<PrefillChunk> large;
  PrefillChunk* chunk = small.data();
  if (chunks_.size() > small.size()) {
    large.resize(chunks_.size());
    chunk = large.data();
  }
  MixedBatch batch;
  batch.prefill = {chunk, chunks_.size()};
  batch.decode_sequences = static_cast<std::int32_t>(decoding_);
  batch.decode_context = decode_context_ + decoding_;
  batch.sampled_sequences = batch.decode_sequences;
  for (const Chunk& planned : chunks_) {
    const Sequence& sequence = sequences_[planned.slot];
    *chunk++ = {planned.tokens, sequence.computed};
    const std::int32_t total = sequence.request.prompt_tokens + sequence.request.produced;
    if (sequence.computed + planned.tokens == total) ++batch.sampled_sequences;
    fact_.prefill_tokens += static_cast<std::uint64_t>(planned.tokens);
  }
  run_ = {now_ns, fraction_, setup_->step_time->mixed(batch), 0, 1};
}

void Replica::plan_decode(std::int64_t now_ns, std::int64_t longest) {
  PLIMSOLL_ASSERT(decoding_ > 0, "replica {} has nothing to run: {} wait, {} of {} KV blocks used",
                  row_, waiting_.size(), kv_.used(), kv_.capacity());
  const auto sequences = static_cast<std::int64_t>(decoding_);
  const std::int64_t context = decode_context_ + sequences;
  const DecodeLine line = setup_->step_time->decode(static_cast<std::int32_t>(sequences), context);
  std::int64_t steps = 1;
  if (setup_->macro_steps) {
    const std::int64_t to_kink = line.context_end == std::numeric_limits<std::int64_t>::max()
                                     ? kLongestRun
                                     : (line.context_end - context + sequences - 1) / sequences;
    steps = std::min({finishes_.front().index - decode_index_, to_kink, longest});
    // The first iteration has its blocks already.
    steps = 1 + kv_.steps_within(decode_index_ + 1, kv_.free(), steps - 1);
  }
  run_ = {now_ns, fraction_, line.at(context), line.per_context_token * sequences, steps};
}

}  // namespace plimsoll
