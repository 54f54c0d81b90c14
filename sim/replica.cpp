// What happens to a replica, and what it leaves behind: events, finished work, facts, readings.
#include "sim/replica.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "sim/gateway.hpp"

namespace plimsoll {
Replica::Replica(const ReplicaSetup& setup, std::uint32_t row)
    : setup_(&setup), row_(row), kv_(setup.kv_blocks, setup.block_tokens) {}

// ---- Events ---------------------------------------------------------------------------------------------------------

void Replica::on(RequestArrived, Context<Replica>& context) {
  const bool others_wait = !waiting_.empty();
  const Dispatch& landed = wire_.front();
  waiting_.push_back({landed.request, landed.prompt_tokens, landed.output_tokens});
  wire_.pop();
  ++fact_.requests;
  report_change(context);
  if (!stepping_) {
    // It starts at this instant, but after all messages of the instant: they join the first iteration.
    fraction_ = 0;
    run_ = {to_ns(context.now()), 0, 0, 0, 0};
    mixed_ = true;  // nothing to cut
    stepping_ = true;
    wake_at_end(context);
    return;
  }
  // A running mixed iteration ends soon and sees the queue. A macro-step is cut only where the request could be
  // admitted: not behind others that already wait for room, nor in a full batch.
  if (mixed_ || others_wait || members_ >= static_cast<std::uint32_t>(setup_->max_num_seqs)) return;
  const std::int64_t cut = run_.first_boundary_at_or_after(to_ns(context.now()));
  if (cut >= run_.steps) return;
  run_.steps = cut;
  wake_at_end(context);
}

void Replica::on(StepDone done, Context<Replica>& context) {
  if (done.generation != generation_) return;  // the run was cut after this wake-up was planned
  if (run_.steps > 0) count_iterations();
  stepping_ = false;
  finish_decoded(context);
  finish_chunks(context);
  if (members_ > 0 || !waiting_.empty()) {
    begin_step(context);
  } else {
    flush_itl();
  }
  report_change(context);
}

/// Fresh sensors see queue and batch change, not the growth of KV caches in between.
void Replica::report_change(Context<Replica>& context) {
  if (!setup_->reports_changes) return;
  const std::uint64_t state = (std::uint64_t{members_} << 32) | waiting_.size();
  if (std::exchange(reported_, state) == state) return;
  context.publish<Gateway>(setup_->gateway, context.now() + Duration{1}, RowChanged{row_});
}

void Replica::wake_at_end(Context<Replica>& context) {
  wake_ns_ = run_.boundary_ns(run_.steps);
  context.wake(at_ns(wake_ns_), StepDone{++generation_});
}

// ---- What an ended run leaves ---------------------------------------------------------------------------------------

/// Moves clock, KV blocks and counters over the whole run that has just ended.
void Replica::count_iterations() {
  note_busy(wake_ns_ - run_.begin_ns);
  fact_.iterations += static_cast<std::uint64_t>(run_.steps);
  fraction_ = run_.fraction_after(run_.steps);
  if (decoding_ == 0) return;
  record_itl();
  if (run_.steps > 1) kv_.take(kv_.needed(decode_index_ + 1, run_.steps - 1));
  note_kv_peak();
  decode_index_ += run_.steps;
  decode_context_ += run_.steps * decoding_;
  output_tokens_ += static_cast<std::uint64_t>(run_.steps) * decoding_;
}

void Replica::note_busy(std::int64_t took_ns) {
  if (fact_.busy_ns.size() <= members_) fact_.busy_ns.resize(members_ + 1, 0);
  fact_.busy_ns[members_] += took_ns;
  busy_ns_ += took_ns;
}

void Replica::note_kv_peak() {
  fact_.kv_peak_blocks = std::max(fact_.kv_peak_blocks, static_cast<std::uint64_t>(kv_.used()));
}

/// Ends the open row of inter-token gaps unless the planned run continues it: the same sequences, on the same line.
/// Asked when a run begins, so that a row is told at the same instant however its iterations are walked.
void Replica::end_itl_row() {
  const bool continues =
      open_itl_.count > 0 && !membership_changed_ && !mixed_ &&
      run_.slope == open_itl_.slope_ticks &&
      run_.first == open_itl_.start_ticks + open_itl_.slope_ticks * open_itl_.count;
  if (!continues) flush_itl();
}

/// Inter-token gaps of the ended run.
void Replica::record_itl() {
  if (open_itl_.count == 0) open_itl_ = {run_.first, run_.slope, 0, decoding_, row_};
  open_itl_.count += static_cast<std::uint32_t>(run_.steps);
  membership_changed_ = mixed_;  // nothing continues a mixed iteration
}

void Replica::flush_itl() {
  if (open_itl_.count > 0) itl_runs_.push_back(open_itl_);
  open_itl_.count = 0;
}

void Replica::close(SimTime now) {
  if (stepping_ && run_.steps > 0) {
    note_busy(to_ns(now) - run_.begin_ns);
    fact_.kv_peak_blocks = std::max<std::uint64_t>(fact_.kv_peak_blocks, read(now).kv_used_blocks);
    run_.steps = run_.boundaries_before(to_ns(now));
    fact_.iterations += static_cast<std::uint64_t>(run_.steps);
    if (run_.steps > 0 && decoding_ > 0) record_itl();
  }
  flush_itl();
}

void Replica::finish_decoded(Context<Replica>& context) {
  while (!finishes_.empty() && finishes_.front().index == decode_index_) {
    const std::uint16_t slot = finishes_.front().slot();
    std::pop_heap(finishes_.begin(), finishes_.end(), later);
    finishes_.pop_back();
    const Sequence& sequence = sequences_[slot];
    const std::int64_t tokens = computed(sequence);
    kv_.leave(tokens, decode_index_);
    kv_.give_back(kv_.blocks_for(tokens));
    decode_context_ -= tokens;
    --decoding_;
    finish(slot, context);
  }
}

void Replica::finish_chunks(Context<Replica>& context) {
  for (const Chunk& chunk : chunks_) {
    Sequence& sequence = sequences_[chunk.slot];
    sequence.computed += chunk.tokens;
    const bool whole =
        sequence.computed == sequence.request.prompt_tokens + sequence.request.produced;
    partial_ = whole ? kNone : chunk.slot;
    if (whole) token_after_prefill(chunk.slot, context);
  }
  chunks_.clear();
}

/// The iteration that completes a prefill gives a token: the first, or the next one after a preemption.
void Replica::token_after_prefill(std::uint16_t slot, Context<Replica>& context) {
  QueuedRequest& request = sequences_[slot].request;
  const std::int64_t now_ns = to_ns(context.now());
  if (request.produced == 0) {
    request.first_token_ns = now_ns + to_ns(setup_->response_latency);
  } else {
    itl_runs_.push_back({(now_ns - request.last_token_ns) << kTickBits, 0, 1, 1, row_});
  }
  ++request.produced;
  ++output_tokens_;
  membership_changed_ = true;
  if (request.produced == request.output_tokens) {
    kv_.give_back(kv_.blocks_for(sequences_[slot].computed));
    finish(slot, context);
  } else {
    start_decoding(slot);
  }
}

void Replica::start_decoding(std::uint16_t slot) {
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

void Replica::finish(std::uint16_t slot, Context<Replica>& context) {
  const QueuedRequest& request = sequences_[slot].request;
  const SimTime seen = context.now() + setup_->response_latency;
  finished_.push_back({request.request, request.preemptions, request.first_token_ns, to_ns(seen)});
  if (setup_->reports_responses) context.send<Gateway>(setup_->gateway, seen, ResponseSeen{row_});
  ++completed_;
  unlink(slot);
  membership_changed_ = true;
}

// ---- What a sensor reads --------------------------------------------------------------------------------------------

ReplicaReading Replica::read(SimTime now) const {
  std::int64_t used = kv_.used();
  if (stepping_ && run_.steps > 1) {
    const std::int64_t later =
        run_.boundaries_before(to_ns(now));  // iterations begun after the first
    used += kv_.needed(decode_index_ + 1, std::min(later, run_.steps - 1));
  }
  return {members_, static_cast<std::uint32_t>(waiting_.size()), static_cast<std::uint32_t>(used)};
}

ReplicaTotals Replica::totals(SimTime now) const {
  ReplicaTotals totals{busy_ns_, output_tokens_};
  if (!stepping_) return totals;
  totals.busy_ns += to_ns(now) - run_.begin_ns;
  totals.output_tokens +=
      static_cast<std::uint64_t>(run_.boundaries_before(to_ns(now))) * decoding_;
  return totals;
}

// ---- Slots of the running batch -------------------------------------------------------------------------------------

std::uint16_t Replica::allocate_slot() {
  if (free_slots_.empty()) {
    sequences_.emplace_back();
    return static_cast<std::uint16_t>(sequences_.size() - 1);
  }
  const std::uint16_t slot = free_slots_.back();
  free_slots_.pop_back();
  sequences_[slot] = Sequence{};
  return slot;
}

void Replica::append(std::uint16_t slot) {
  sequences_[slot].previous = tail_;
  sequences_[slot].next = kNone;
  (tail_ == kNone ? head_ : sequences_[tail_].next) = slot;
  tail_ = slot;
  ++members_;
}

void Replica::unlink(std::uint16_t slot) {
  const Sequence& sequence = sequences_[slot];
  (sequence.previous == kNone ? head_ : sequences_[sequence.previous].next) = sequence.next;
  (sequence.next == kNone ? tail_ : sequences_[sequence.next].previous) = sequence.previous;
  free_slots_.push_back(slot);
  --members_;
}

}  // namespace plimsoll
