// One serving replica, iteration by iteration, as plainly as possible: the reference that the production replica is
// checked against. Scheduling as in vLLM V1's Scheduler.schedule(), first come first served, without prefix cache:
//
// 1. Running requests in order of admission get their tokens from the step's budget: one for a decoding request, the
//    rest of its prompt (or what is left of the budget) for one that still prefills. Where a KV block is missing, the
//    last running request is preempted: it loses its blocks and all it computed, and goes to the front of the queue.
// 2. If nothing was preempted, waiting requests are admitted while there is budget, a seat and free blocks.
// 3. At the end of the step every request whose prompt is complete has one token more; a request with all its tokens
//    leaves and frees its blocks.
//
// A step starts at the end of the previous one, or, in an idle replica, with the next arrival; all arrivals up to and
// including that instant take part. Every step costs the model's ticks; the fraction of a nanosecond is carried to the
// next step and dropped when a step ends and nothing has arrived.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/assert.hpp"
#include "core/time.hpp"
#include "workloads/arrival_stream.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll::oracle {

struct ReplicaLimits {
  std::int32_t max_num_seqs = 256;
  std::int32_t max_num_batched_tokens = 8192;
  std::int32_t block_size = 16;
  std::int64_t kv_blocks = 0;
};

/// What happened to one request.
struct RequestOutcome {
  std::int64_t first_token_ns = -1;
  std::int64_t finish_ns = -1;
  std::int32_t preemptions = 0;
  std::vector<std::int64_t> token_ns;  ///< when each token was out
  std::vector<Ticks> gap_ticks;        ///< exact time between tokens; one fewer than tokens
};

/// One iteration.
struct StepRecord {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  Ticks duration = 0;
  std::int32_t decode_sequences = 0;
  std::int64_t decode_context = 0;
  std::vector<PrefillChunk> prefill;
  std::int32_t preemptions = 0;
  std::int64_t kv_used_blocks = 0;  ///< allocated while it ran
};

struct ReplicaHistory {
  std::vector<RequestOutcome> requests;  ///< in the order of the arrivals
  std::vector<StepRecord> steps;
};

class ReferenceReplica {
 public:
  ReferenceReplica(const StepTimeModel& model, ReplicaLimits limits)
      : model_(model), limits_(limits) {}

  /// Serves `arrivals`, sorted by time, to the end. Each must fit an empty replica.
  ReplicaHistory serve(const std::vector<Arrival>& arrivals) {
    for (const Arrival& arrival : arrivals) add_request(arrival);
    for (;;) {
      take_arrivals();
      if (!waiting_.empty() || !running_.empty()) {
        run_step();
      } else if (next_arrival_ < requests_.size()) {
        fall_idle_until_next_arrival();
      } else {
        break;
      }
    }
    ReplicaHistory history;
    for (Request& request : requests_) history.requests.push_back(std::move(request.outcome));
    history.steps = std::move(steps_);
    return history;
  }

 private:
  struct Request {
    Arrival arrival;
    std::int32_t generated = 0;       ///< tokens that are out
    std::int32_t computed = 0;        ///< tokens whose keys and values are in the cache
    std::int32_t prefill_target = 0;  ///< tokens to compute before the next one comes out
    std::int64_t blocks = 0;
    Ticks last_token_at = 0;  ///< exact, since the run's start
    RequestOutcome outcome;

    bool prefilling() const { return computed < prefill_target; }
  };
  /// A request's part in a step.
  struct Share {
    std::size_t request = 0;
    std::int32_t new_tokens = 0;
    bool prefill = false;
  };

  void add_request(const Arrival& arrival) {
    Request request;
    request.arrival = arrival;
    request.prefill_target = arrival.prompt_tokens;
    const std::int32_t longest = arrival.prompt_tokens + arrival.output_tokens - 1;
    PLIMSOLL_ASSERT(blocks_for(longest) <= limits_.kv_blocks, "a request of {} tokens never fits",
                    longest);
    requests_.push_back(request);
  }

  void fall_idle_until_next_arrival() {
    now_ns_ = to_ns(requests_[next_arrival_].arrival.at);
    fraction_ = 0;
  }

  void take_arrivals() {
    while (next_arrival_ < requests_.size() &&
           to_ns(requests_[next_arrival_].arrival.at) <= now_ns_)
      waiting_.push_back(next_arrival_++);
  }

  void run_step() {
    StepRecord step;
    std::vector<Share> shares;
    std::int32_t budget = limits_.max_num_batched_tokens;
    schedule_running(shares, budget, step);
    if (step.preemptions == 0) admit_waiting(shares, budget);
    measure(shares, step);
    finish_step(shares, step.duration);
    step.end_ns = now_ns_;
    steps_.push_back(step);
  }

  void schedule_running(std::vector<Share>& shares, std::int32_t& budget, StepRecord& step) {
    for (std::size_t seat = 0; seat < running_.size() && budget > 0; ++seat) {
      const std::size_t id = running_[seat];
      Request& request = requests_[id];
      const bool prefill = request.prefilling();
      const std::int32_t wanted = prefill ? request.prefill_target - request.computed : 1;
      const std::int32_t tokens = std::min(wanted, budget);
      while (!allocate(request, request.computed + tokens)) {
        const std::size_t victim = running_.back();
        running_.pop_back();
        preempt(victim);
        ++step.preemptions;
        if (victim == id) return;
      }
      shares.push_back({id, tokens, prefill});
      budget -= tokens;
    }
  }

  void admit_waiting(std::vector<Share>& shares, std::int32_t& budget) {
    while (!waiting_.empty() && budget > 0 &&
           static_cast<std::int32_t>(running_.size()) < limits_.max_num_seqs) {
      const std::size_t id = waiting_.front();
      Request& request = requests_[id];
      const std::int32_t tokens = std::min(request.prefill_target, budget);
      if (!allocate(request, tokens)) return;
      waiting_.pop_front();
      running_.push_back(id);
      shares.push_back({id, tokens, true});
      budget -= tokens;
    }
  }

  void preempt(std::size_t id) {
    Request& request = requests_[id];
    used_blocks_ -= request.blocks;
    request.blocks = 0;
    request.computed = 0;
    request.prefill_target = request.arrival.prompt_tokens + request.generated;
    ++request.outcome.preemptions;
    waiting_.push_front(id);
  }

  /// Gives the request the blocks of its first `tokens` tokens; false, and nothing changed, when too few are free.
  bool allocate(Request& request, std::int32_t tokens) {
    const std::int64_t missing = blocks_for(tokens) - request.blocks;
    if (missing > limits_.kv_blocks - used_blocks_) return false;
    request.blocks += missing;
    used_blocks_ += missing;
    return true;
  }

  void measure(const std::vector<Share>& shares, StepRecord& step) const {
    std::int32_t sampled = 0;
    for (const Share& share : shares) {
      const Request& request = requests_[share.request];
      if (share.prefill) {
        step.prefill.push_back({share.new_tokens, request.computed});
        if (request.computed + share.new_tokens == request.prefill_target) ++sampled;
      } else {
        ++step.decode_sequences;
        step.decode_context += request.computed + 1;
        ++sampled;
      }
    }
    step.start_ns = now_ns_;
    step.kv_used_blocks = used_blocks_;
    step.duration =
        step.prefill.empty()
            ? model_.decode(step.decode_sequences, step.decode_context).at(step.decode_context)
            : model_.mixed({step.prefill, step.decode_sequences, step.decode_context, sampled});
  }

  void finish_step(const std::vector<Share>& shares, Ticks duration) {
    const Ticks end = fraction_ + duration;
    now_ns_ += end >> kTickBits;
    fraction_ = end & (kTicksPerNanosecond - 1);
    for (const Share& share : shares) {
      Request& request = requests_[share.request];
      request.computed += share.new_tokens;
      if (!request.prefilling()) produce_token(request);
    }
    std::erase_if(running_, [this](std::size_t id) { return leave_if_done(requests_[id]); });
  }

  void produce_token(Request& request) {
    const Ticks at = (now_ns_ << kTickBits) + fraction_;
    if (request.generated > 0) request.outcome.gap_ticks.push_back(at - request.last_token_at);
    if (request.generated == 0) request.outcome.first_token_ns = now_ns_;
    request.last_token_at = at;
    request.outcome.token_ns.push_back(now_ns_);
    ++request.generated;
  }

  bool leave_if_done(Request& request) {
    if (request.generated < request.arrival.output_tokens) return false;
    request.outcome.finish_ns = now_ns_;
    used_blocks_ -= request.blocks;
    request.blocks = 0;
    return true;
  }

  std::int64_t blocks_for(std::int64_t tokens) const {
    return (tokens + limits_.block_size - 1) / limits_.block_size;
  }

  const StepTimeModel& model_;
  ReplicaLimits limits_;
  std::vector<Request> requests_;
  std::size_t next_arrival_ = 0;
  std::deque<std::size_t> waiting_;
  std::vector<std::size_t> running_;  ///< in order of admission
  std::int64_t used_blocks_ = 0;
  std::int64_t now_ns_ = 0;
  Ticks fraction_ = 0;
  std::vector<StepRecord> steps_;
};

}  // namespace plimsoll::oracle
