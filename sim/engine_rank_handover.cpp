// A rank that does a part of a request: a prefill rank's hand-over, a decode rank's way in.
#include <algorithm>

#include "core/assert.hpp"
#include "sim/engine_rank.hpp"

namespace plimsoll {

/// Host time for one KV cache that is sent; none where the sequence goes on here.
Ticks EngineRank::hand_over_ticks(std::int32_t prompt_tokens) const {
  if (setup_->role != ReplicaRole::prefill) return 0;
  return to_ns(setup_->hand_over) * kTicksPerNanosecond +
         ticks_from_seconds(setup_->hand_over_per_token_s * prompt_tokens);
}

void EngineRank::enqueue(const QueuedRequest& request) {
  if (setup_->role == ReplicaRole::decode) {
    incoming_.push(request);
  } else {
    waiting_.push_back(request);
  }
}

// ---- A prefill rank -------------------------------------------------------------------------------------------------

/// The prompt is computed and the first token known: the slot keeps its blocks until their content has been sent.
void EngineRank::hand_over(std::uint16_t slot, std::int64_t now_ns, ReplicaLog& log) {
  const Sequence& sequence = sequences_[slot];
  const QueuedRequest& request = sequence.request;
  held_.push_back({request.request, request.preemptions, slot, request.cached_tokens,
                   Duration{now_ns - sequence.began_ns}, at_ns(now_ns)});
  log.handed_over.push_back(request.request);
  leave_batch(slot);
}

bool EngineRank::release(std::uint32_t request) {
  const auto held = std::find_if(held_.begin(), held_.end(),
                                 [&](const HeldRequest& each) { return each.request == request; });
  if (held == held_.end()) return false;
  give_back_blocks(held->slot);
  free_slots_.push_back(held->slot);
  held_.erase(held);
  return true;
}

// ---- A decode rank --------------------------------------------------------------------------------------------------

/// Blocks for prompts that are on the other side, in order, behind those that a preemption sent back to the queue.
void EngineRank::ask_for_kv(ReplicaLog& log) {
  while (waiting_.empty() && !incoming_.empty() && has_slot()) {
    const QueuedRequest& request = incoming_.front();
    const std::int64_t blocks = kv_.blocks_for(request.prompt_tokens);
    const auto others = static_cast<std::int64_t>(members_ + asked_.size() + received_.size());
    const std::int64_t reserve = others * kv_.blocks_for(setup_->decode_reserve_tokens);
    if (blocks + reserve > kv_.free()) return;
    take_blocks(blocks);
    const std::uint16_t slot = allocate_slot();
    sequences_[slot].request = request;
    sequences_[slot].computed = request.prompt_tokens;
    asked_.push_back(slot);
    log.asked.push_back(request.transfer);
    incoming_.pop();
  }
}

bool EngineRank::receive(std::uint32_t request) {
  const auto asked = std::find_if(asked_.begin(), asked_.end(), [&](std::uint16_t slot) {
    return sequences_[slot].request.request == request;
  });
  if (asked == asked_.end()) return false;
  received_.push(*asked);
  asked_.erase(asked);
  return true;
}

/// Requests whose KV cache is here become members of the batch while there are seats; the first token, which came with
/// the cache, goes out. A sequence that is being recomputed stays the last of the list: they wait for its end.
void EngineRank::join_received(std::int64_t now_ns) {
  while (!received_.empty() && partial_ == kNone && has_seat()) {
    const std::uint16_t slot = received_.front();
    received_.pop();
    Sequence& sequence = sequences_[slot];
    sequence.request.produced = 1;
    sequence.request.first_token_ns = now_ns + to_ns(setup_->response_latency);
    sequence.admission = admissions_++;
    append(slot);
    start_decoding(slot);
    membership_changed_ = true;
  }
}

/// No sequence is in the batch: nobody is here, or what waits needs KV caches or blocks that are being moved.
IterationPlan EngineRank::nothing_to_run(bool preempted, std::int64_t now_ns, ReplicaLog& log) {
  if (preempted) return schedule(now_ns, log);  // nothing runs: there is no iteration to wait for
  PLIMSOLL_ASSERT(idle() || !held_.empty() || !asked_.empty() || !loading_.empty(),
                  "nothing to run: {} wait, {} of {} KV blocks used", waiting_.size(), kv_.used(),
                  kv_.capacity());
  return {};
}

}  // namespace plimsoll
