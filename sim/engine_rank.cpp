// What iterations that have run leave behind: tokens, finished requests, gaps between tokens, KV blocks.
#include "sim/engine_rank.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace plimsoll {

EngineRank::EngineRank(const ReplicaSetup& setup)
    : setup_(&setup), kv_(setup.kv_blocks, setup.block_tokens) {
  if (!setup.prefixes) return;
  PLIMSOLL_ASSERT(setup.prefixes->block_tokens % setup.block_tokens == 0,
                  "prefix blocks of {} tokens, KV blocks of {}", setup.prefixes->block_tokens,
                  setup.block_tokens);
  cache_ = PrefixCache(setup.kv_blocks, setup.prefixes->block_tokens / setup.block_tokens);
  offload_ = KvOffload(setup.offload);
}

// ---- Iterations -----------------------------------------------------------------------------------------------------

void EngineRank::begin(const StepRun& run, ReplicaLog& log) {
  end_itl_row(run, log);
  if (!mixed_) note_step(decoding_, decoding_, log);
}

void EngineRank::note_step(std::uint64_t tokens, std::uint64_t sequences, ReplicaLog& log) const {
  log.fact.most_step_tokens = std::max(log.fact.most_step_tokens, tokens);
  log.fact.most_step_sequences = std::max(log.fact.most_step_sequences, sequences);
}

void EngineRank::note_context(std::int64_t tokens, ReplicaLog& log) const {
  log.fact.longest_context = std::max(log.fact.longest_context, static_cast<std::uint64_t>(tokens));
}

void EngineRank::count(const StepRun& run, ReplicaLog& log) {
  if (decoding_ == 0) return;
  if (paused_) return extend_pauses(run);
  record_itl(run, log);
  if (run.steps > 1) take_blocks(kv_.needed(decode_index_ + 1, run.steps - 1));
  decode_index_ += run.steps;
  decode_context_ += run.steps * decoding_;
  log.output_tokens += static_cast<std::uint64_t>(run.steps) * decoding_;
}

void EngineRank::finish_iteration(std::int64_t now_ns, ReplicaLog& log) {
  finish_decoded(now_ns, log);
  finish_chunks(now_ns, log);
}

void EngineRank::finish_decoded(std::int64_t now_ns, ReplicaLog& log) {
  while (!finishes_.empty() && finishes_.front().index == decode_index_) {
    const std::uint16_t slot = finishes_.front().slot();
    std::pop_heap(finishes_.begin(), finishes_.end(), later);
    finishes_.pop_back();
    const std::int64_t tokens = computed(sequences_[slot]);
    note_context(tokens, log);
    kv_.leave(tokens, decode_index_);
    decode_context_ -= tokens;
    --decoding_;
    finish(slot, now_ns, log);
  }
}

void EngineRank::finish_chunks(std::int64_t now_ns, ReplicaLog& log) {
  for (const Chunk& chunk : chunks_) {
    Sequence& sequence = sequences_[chunk.slot];
    sequence.computed += chunk.tokens;
    note_context(sequence.computed, log);
    const bool whole =
        sequence.computed == sequence.request.prompt_tokens + sequence.request.produced;
    partial_ = whole ? kNone : chunk.slot;
    if (whole) token_after_prefill(chunk.slot, now_ns, log);
  }
  chunks_.clear();
}

/// The iteration that completes a prefill gives a token: the first, or the next one after a preemption.
void EngineRank::token_after_prefill(std::uint16_t slot, std::int64_t now_ns, ReplicaLog& log) {
  QueuedRequest& request = sequences_[slot].request;
  if (request.produced == 0) {
    request.first_token_ns = now_ns + to_ns(setup_->response_latency);
  } else {
    log.itl_runs.push_back({(now_ns - request.last_token_ns) << kTickBits, 0, 1, 1, log.row});
  }
  ++request.produced;
  ++log.output_tokens;
  membership_changed_ = true;
  if (request.produced == request.output_tokens) {
    finish(slot, now_ns, log);
  } else if (setup_->role == ReplicaRole::prefill) {
    hand_over(slot, now_ns, log);
  } else {
    start_decoding(slot);
  }
}

void EngineRank::start_decoding(std::uint16_t slot) {
  Sequence& sequence = sequences_[slot];
  sequence.decoding = true;
  sequence.joined_at = decode_index_;
  kv_.join(sequence.computed, decode_index_);
  decode_context_ += sequence.computed;
  ++decoding_;
  const std::int64_t left = sequence.request.output_tokens - sequence.request.produced;
  finishes_.push_back({decode_index_ + left, (sequence.admission << 16) | slot});
  std::push_heap(finishes_.begin(), finishes_.end(), later);
}

void EngineRank::finish(std::uint16_t slot, std::int64_t now_ns, ReplicaLog& log) {
  give_back_blocks(slot);
  const QueuedRequest& request = sequences_[slot].request;
  log.finished.push_back({request.request, request.preemptions, request.first_token_ns,
                          now_ns + to_ns(setup_->response_latency), request.cached_tokens});
  ++log.completed;
  unlink(slot);
  membership_changed_ = true;
}

// ---- Inter-token gaps -----------------------------------------------------------------------------------------------

/// Ends the open row of inter-token gaps unless the planned run continues it: the same sequences, on the same line.
/// Asked when a run begins, so that a row is told at the same instant however its iterations are walked.
void EngineRank::end_itl_row(const StepRun& run, ReplicaLog& log) {
  const bool continues =
      open_itl_.count > 0 && !membership_changed_ && !mixed_ &&
      run.slope == open_itl_.slope_ticks &&
      run.first == open_itl_.start_ticks + open_itl_.slope_ticks * open_itl_.count;
  if (!continues) flush_itl(log);
}

/// Inter-token gaps of the ended run.
void EngineRank::record_itl(const StepRun& run, ReplicaLog& log) {
  if (!pauses_.empty()) return record_paused(run, log);
  if (open_itl_.count == 0) open_itl_ = {run.first, run.slope, 0, decoding_, log.row};
  open_itl_.count += static_cast<std::uint32_t>(run.steps);
  membership_changed_ = mixed_;  // nothing continues a mixed iteration
}

/// An iteration without decoding has run.
void EngineRank::extend_pauses(const StepRun& run) {
  std::uint32_t waiting = 0;
  for (const Pause& pause : pauses_) waiting += pause.sequences;
  if (waiting < decoding_) pauses_.push_back({decoding_ - waiting, run.begin_ns, 0});
  for (Pause& pause : pauses_) pause.ticks += run.ticks(run.steps);
}

/// The decoding sequence admitted last leaves; when it got its last token.
std::int64_t EngineRank::leave_pause(std::int64_t now_ns) {
  std::uint32_t waiting = 0;
  for (const Pause& pause : pauses_) waiting += pause.sequences;
  if (waiting < decoding_) return now_ns;  // from the iteration that has just ended
  const std::int64_t last_token_ns = pauses_.back().last_token_ns;
  if (--pauses_.back().sequences == 0) pauses_.pop_back();
  return last_token_ns;
}

/// The one iteration that ends the pauses: each sequence's gap holds the prefills that it waited for.
void EngineRank::record_paused(const StepRun& run, ReplicaLog& log) {
  std::uint32_t others = decoding_;
  for (const Pause& pause : pauses_) {
    log.itl_runs.push_back({pause.ticks + run.first, 0, 1, pause.sequences, log.row});
    others -= pause.sequences;
  }
  if (others > 0) log.itl_runs.push_back({run.first, 0, 1, others, log.row});
  pauses_.clear();
}

void EngineRank::flush_itl(ReplicaLog& log) {
  if (open_itl_.count > 0) log.itl_runs.push_back(open_itl_);
  open_itl_.count = 0;
}

void EngineRank::close(const StepRun& run, ReplicaLog& log) {
  const bool decodes = run.steps > 0 && decoding_ > 0 && !paused_;
  if (decodes) record_itl(run, log);
  for (std::uint16_t slot = head_; slot != kNone; slot = sequences_[slot].next)
    note_context(
        computed(sequences_[slot]) + (decodes && sequences_[slot].decoding ? run.steps : 0), log);
  flush_itl(log);
}

// ---- KV blocks ------------------------------------------------------------------------------------------------------

/// The ids of the units that lie whole within the first `tokens` tokens.
std::span<const std::uint32_t> EngineRank::prefix_ids(const QueuedRequest& request,
                                                      std::int64_t tokens) const {
  const std::span<const std::uint32_t> ids = setup_->prefixes->of(request.prefix);
  const std::int64_t whole = tokens / setup_->prefixes->block_tokens;
  return ids.first(std::min(ids.size(), static_cast<std::size_t>(whole)));
}

PrefixCache::Found EngineRank::find_prefix(const QueuedRequest& request) {
  if (!cache_.enabled()) return {};
  // The last token is computed in any case: it yields the next one.
  return cache_.find(prefix_ids(request, request.prompt_tokens + request.produced - 1));
}

void EngineRank::take_blocks(std::int64_t blocks) {
  kv_.take(blocks);
  if (!cache_.enabled()) return;
  evicted_.clear();
  cache_.take(blocks, evicted_);
  for (const std::uint32_t id : evicted_) offload_.store(id);
}

/// From now on others find what the sequence has in its first `tokens` tokens.
void EngineRank::keep_prefix(std::uint16_t slot, std::int64_t tokens) {
  cache_.keep(slot, prefix_ids(sequences_[slot].request, tokens));
}

void EngineRank::give_back_blocks(std::uint16_t slot) {
  const std::int64_t tokens = computed(sequences_[slot]);
  std::int64_t blocks = kv_.blocks_for(held_tokens(sequences_[slot]));
  if (cache_.enabled()) {
    keep_prefix(slot, tokens);
    blocks = cache_.give_back(slot, blocks);
  }
  kv_.give_back(blocks);
}

void EngineRank::check_blocks() const {
  PLIMSOLL_ASSERT(!cache_.enabled() || cache_.free_blocks() == kv_.free(),
                  "{} KV blocks are free, {} in the prefix cache's queue", kv_.free(),
                  cache_.free_blocks());
}

// ---- Slots of the running batch -------------------------------------------------------------------------------------

std::uint16_t EngineRank::allocate_slot() {
  if (free_slots_.empty()) {
    sequences_.emplace_back();
    return static_cast<std::uint16_t>(sequences_.size() - 1);
  }
  const std::uint16_t slot = free_slots_.back();
  free_slots_.pop_back();
  sequences_[slot] = Sequence{};
  return slot;
}

void EngineRank::append(std::uint16_t slot) {
  sequences_[slot].previous = tail_;
  sequences_[slot].next = kNone;
  (tail_ == kNone ? head_ : sequences_[tail_].next) = slot;
  tail_ = slot;
  ++members_;
}

void EngineRank::unlink(std::uint16_t slot) {
  leave_batch(slot);
  free_slots_.push_back(slot);
}

void EngineRank::leave_batch(std::uint16_t slot) {
  const Sequence& sequence = sequences_[slot];
  (sequence.previous == kNone ? head_ : sequences_[sequence.previous].next) = sequence.next;
  (sequence.next == kNone ? tail_ : sequences_[sequence.next].previous) = sequence.previous;
  --members_;
}

}  // namespace plimsoll
