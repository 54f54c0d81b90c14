// What a rank's next iteration holds and how long it takes, first come first served: vLLM V1's Scheduler.schedule(), or
// SGLang's get_next_batch_to_run() without mixed chunks.
#include <algorithm>
#include <array>
#include <limits>

#include "core/assert.hpp"
#include "sim/engine_rank.hpp"

namespace plimsoll {
namespace {

/// The longest macro-step. Keeps sums of ticks far inside 64 bits; a run that is cut here continues as if it were not.
constexpr std::int64_t kLongestRun = 16384;

}  // namespace

// ---- What it holds --------------------------------------------------------------------------------------------------

IterationPlan EngineRank::schedule(std::int64_t now_ns, ReplicaLog& log) {
  waits_for_blocks_ = false;
  join_received(now_ns);
  if (!loading_.empty()) receive_loads(now_ns);
  return setup_->scheduler == SchedulerKind::mixed ? schedule_mixed(now_ns, log)
                                                   : schedule_prefill_first(now_ns, log);
}

IterationPlan EngineRank::schedule_mixed(std::int64_t now_ns, ReplicaLog& log) {
  bool preempted = !take_decode_blocks(now_ns, log);
  std::int64_t budget = setup_->max_num_batched_tokens - static_cast<std::int64_t>(decoding_);
  if (!preempted && partial_ != kNone) preempted = !continue_prefill(budget, now_ns, log);
  if (!preempted) admit_waiting(budget, now_ns);
  if (!preempted) ask_for_kv(log);
  mixed_ = !chunks_.empty();
  if (mixed_) return plan_mixed(log);
  if (members_ == 0) return nothing_to_run(preempted, now_ns, log);
  // An iteration that preempted admitted nobody; the next one may.
  return plan_decode(preempted ? 1 : kLongestRun);
}

IterationPlan EngineRank::schedule_prefill_first(std::int64_t now_ns, ReplicaLog& log) {
  std::int64_t budget = setup_->max_num_batched_tokens;
  bool preempted = partial_ != kNone && !continue_prefill(budget, now_ns, log);
  if (!preempted) admit_waiting(budget, now_ns);
  mixed_ = paused_ = !chunks_.empty();
  if (mixed_) {
    if (!preempted) ask_for_kv(log);
    return plan_mixed(log);
  }
  if (idle()) return {};
  const bool evicts =
      waits_for_cached_blocks() && kv_.needed(decode_index_, 1) > cache_.blocks_before_eviction();
  if (!take_decode_blocks(now_ns, log)) preempted = true;
  if (!preempted) ask_for_kv(log);
  if (members_ == 0) return nothing_to_run(preempted, now_ns, log);
  // The iteration after a pause has gaps of its own kind.
  return plan_decode(preempted || evicts || !pauses_.empty() ? 1 : kLongestRun);
}

/// Blocks for one more token of each decoding sequence. False when that took a preemption.
bool EngineRank::take_decode_blocks(std::int64_t now_ns, ReplicaLog& log) {
  if (decoding_ == 0) return true;
  const std::int64_t needed = kv_.needed(decode_index_, 1);
  if (needed > kv_.free()) return take_decode_blocks_or_preempt(now_ns, log);
  take_blocks(needed);
  return true;
}

/// In order of admission: whoever finds no block takes those of the last, until that is itself.
bool EngineRank::take_decode_blocks_or_preempt(std::int64_t now_ns, ReplicaLog& log) {
  bool preempted = false;
  for (std::uint16_t slot = head_; slot != kNone; slot = sequences_[slot].next) {
    const Sequence& sequence = sequences_[slot];
    if (!sequence.decoding) break;  // the partially prefilled one is last
    if (computed(sequence) % setup_->block_tokens != 0) continue;
    while (kv_.free() == 0 && tail_ != slot) {
      preempt_last(now_ns, log);
      preempted = true;
    }
    if (kv_.free() == 0) {
      preempt_last(now_ns, log);
      return false;
    }
    take_blocks(1);
  }
  return !preempted;
}

void EngineRank::preempt_last(std::int64_t now_ns, ReplicaLog& log) {
  const std::uint16_t slot = tail_;
  Sequence& sequence = sequences_[slot];
  const std::int64_t tokens = computed(sequence);
  note_context(tokens, log);
  give_back_blocks(slot);
  if (sequence.decoding) {
    kv_.leave(tokens, decode_index_);
    decode_context_ -= tokens;
    sequence.request.produced += static_cast<std::int32_t>(decode_index_ - sequence.joined_at);
    sequence.request.last_token_ns = leave_pause(now_ns);
    --decoding_;
    std::erase_if(finishes_, [&](const Finish& finish) { return finish.slot() == slot; });
    std::make_heap(finishes_.begin(), finishes_.end(), later);
  } else {
    partial_ = kNone;
  }
  ++sequence.request.preemptions;
  ++log.fact.preemptions;
  waiting_.push_front(sequence.request);
  unlink(slot);
  membership_changed_ = true;
}

/// The next chunk of the partially prefilled sequence. False when it found no blocks and was preempted.
bool EngineRank::continue_prefill(std::int64_t& budget, std::int64_t now_ns, ReplicaLog& log) {
  const Sequence& sequence = sequences_[partial_];
  const std::int64_t total = sequence.request.prompt_tokens + sequence.request.produced;
  const std::int64_t tokens = std::min(total - sequence.computed, budget);
  if (tokens == 0) return true;
  const std::int64_t blocks = std::max<std::int64_t>(
      0, kv_.blocks_for(sequence.computed + tokens) - kv_.blocks_for(held_tokens(sequence)));
  if (blocks > kv_.free()) {
    preempt_last(now_ns, log);
    return false;
  }
  take_blocks(blocks);
  if (cache_.enabled()) keep_prefix(partial_, sequence.computed + tokens);
  chunks_.push_back({partial_, static_cast<std::int32_t>(tokens)});
  budget -= tokens;
  return true;
}

void EngineRank::admit_waiting(std::int64_t budget, std::int64_t now_ns) {
  while (!loaded_.empty() && has_seat() && budget > 0) {
    const std::uint16_t slot = loaded_.front();
    loaded_.pop();
    join_prefill(slot, budget, now_ns);
  }
  while (!waiting_.empty() && has_seat(away()) && has_slot() && budget > 0) {
    if (!admit_front(budget, now_ns)) return;
  }
}

/// The first in the queue joins, behind what the prefix cache has of it, or begins to load more of it. False when its
/// blocks are not free.
bool EngineRank::admit_front(std::int64_t& budget, std::int64_t now_ns) {
  const QueuedRequest& request = waiting_.front();
  const PrefixCache::Found found = find_prefix(request);
  const std::int64_t far = find_offloaded(request, found.units);
  const std::int64_t cached = (found.units + far) * unit_tokens();
  const std::int64_t total = request.prompt_tokens + request.produced;
  const std::int64_t reserved = far > 0 ? total : std::min(total, cached + budget);
  const std::int64_t blocks = kv_.blocks_for(reserved) - found.units * cache_.unit_blocks();
  if (blocks + found.waking_blocks > kv_.free()) {
    waits_for_blocks_ = true;
    return false;
  }
  const std::uint16_t slot = allocate_slot();
  Sequence& sequence = sequences_[slot];
  sequence.request = request;
  sequence.computed = static_cast<std::int32_t>(cached);
  sequence.reserved = static_cast<std::int32_t>(reserved);
  if (sequence.request.preemptions == 0) sequence.request.cached_tokens = sequence.computed;
  waiting_.pop_front();
  if (cache_.enabled()) {
    cache_.hold_found(slot);
    kv_.take(found.waking_blocks);
  }
  if (far > 0) begin_load(slot, found.units, far, now_ns);
  take_blocks(blocks);
  if (far == 0) join_prefill(slot, budget, now_ns);
  return true;
}

/// The first chunk of a sequence that has its blocks: all that is left of its prompt, or of the budget.
void EngineRank::join_prefill(std::uint16_t slot, std::int64_t& budget, std::int64_t now_ns) {
  Sequence& sequence = sequences_[slot];
  const std::int64_t total = sequence.request.prompt_tokens + sequence.request.produced;
  const std::int64_t tokens = std::min(total - sequence.computed, budget);
  sequence.admission = admissions_++;
  sequence.began_ns = now_ns;
  if (cache_.enabled()) keep_prefix(slot, sequence.computed + tokens);
  append(slot);
  chunks_.push_back({slot, static_cast<std::int32_t>(tokens)});
  budget -= tokens;
  membership_changed_ = true;
}

// ---- How long it takes ----------------------------------------------------------------------------------------------

IterationPlan EngineRank::plan_mixed(ReplicaLog& log) {
  std::array<PrefillChunk, 16> small;
  std::vector<PrefillChunk> large;
  PrefillChunk* chunk = small.data();
  if (chunks_.size() > small.size()) {
    large.resize(chunks_.size());
    chunk = large.data();
  }
  Ticks host = 0;
  MixedBatch batch;
  batch.prefill = {chunk, chunks_.size()};
  batch.decode_sequences = static_cast<std::int32_t>(decoding());
  batch.decode_context = paused_ ? 0 : decode_context_ + decoding_;
  batch.sampled_sequences = batch.decode_sequences;
  std::uint64_t tokens = decoding();
  std::int32_t longest = 0;
  for (const Chunk& planned : chunks_) {
    const Sequence& sequence = sequences_[planned.slot];
    *chunk++ = {planned.tokens, sequence.computed};
    tokens += static_cast<std::uint64_t>(planned.tokens);
    longest = std::max(longest, sequence.computed + planned.tokens);
    const std::int32_t total = sequence.request.prompt_tokens + sequence.request.produced;
    if (sequence.computed + planned.tokens == total) {
      ++batch.sampled_sequences;
      host += hand_over_ticks(total);
    }
    log.fact.prefill_tokens += static_cast<std::uint64_t>(planned.tokens);
  }
  note_step(tokens, decoding() + chunks_.size(), log);
  log.fact.longest_prompt = std::max(log.fact.longest_prompt, static_cast<std::uint64_t>(longest));
  return {setup_->step_time->mixed(batch) + host, 0, 1, true};
}

IterationPlan EngineRank::plan_decode(std::int64_t longest) const {
  PLIMSOLL_ASSERT(decoding_ > 0, "nothing to run: {} wait, {} of {} KV blocks used",
                  waiting_.size(), kv_.used(), kv_.capacity());
  const auto sequences = static_cast<std::int64_t>(decoding_);
  const std::int64_t context = decode_context_ + sequences;
  const DecodeLine line = setup_->step_time->decode(static_cast<std::int32_t>(sequences), context);
  std::int64_t steps = 1;
  if (setup_->macro_steps) {
    const std::int64_t to_kink = line.context_end == std::numeric_limits<std::int64_t>::max()
                                     ? kLongestRun
                                     : (line.context_end - context + sequences - 1) / sequences;
    steps = std::min({finishes_.front().index - decode_index_, to_kink, longest});
    const std::int64_t available =
        waits_for_cached_blocks() ? cache_.blocks_before_eviction() : kv_.free();
    // The first iteration has its blocks already.
    steps = 1 + kv_.steps_within(decode_index_ + 1, available, steps - 1);
  }
  return {line.at(context), line.per_context_token * sequences, steps, false};
}

}  // namespace plimsoll
