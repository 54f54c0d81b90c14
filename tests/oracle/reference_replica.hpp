// One serving replica, iteration by iteration, as plainly as possible: the reference that the production replica is
// checked against. Mixed scheduling is vLLM V1's Scheduler.schedule(), first come first served:
//
// 1. Running requests in order of admission get their tokens from the step's budget: one for a decoding request, the
//    rest of its prompt (or what is left of the budget) for one that still prefills. Where a KV block is missing, the
//    last running request is preempted: it loses its blocks and all it computed, and goes to the front of the queue.
// 2. If nothing was preempted, waiting requests are admitted while there is budget, a seat and free blocks. What the
//    prefix cache has of a request's beginning, in whole units and its last token apart, need not be computed.
// 3. At the end of the step every request whose prompt is complete has one token more; a request with all its tokens
//    leaves and frees its blocks.
// Units of a prompt get their ids when the step that computes them is planned, those of an answer when the request
// leaves the running ones.
//
// Prefill first, as SGLang has it: a step holds prompts alone (what is left of those begun, then waiting requests as in
// 2.) if any gets tokens so; otherwise decoding requests alone.
//
// Units that lose their blocks go to the offload tiers. A waiting request for which these have units behind those found
// in the cache is taken out of the queue once blocks for all of its prompt are free, loads, and is then admitted before
// the others; it counts as one of the running ones meanwhile.
//
// Several attention ranks have queues, running requests and blocks of their own. A request goes, as it arrives, to the
// rank with the least 4 * waiting + running, the first of equals. All ranks step together, in the time of the slowest.
//
// A step starts at the end of the previous one, or, in an idle replica, with the next arrival; all arrivals up to and
// including that instant take part. Every step costs the model's ticks; the fraction of a nanosecond is carried to the
// next step and dropped when a step ends and nothing has arrived.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "core/assert.hpp"
#include "core/time.hpp"
#include "tests/oracle/reference_kv.hpp"
#include "tests/oracle/replica_history.hpp"
#include "workloads/arrival_stream.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll::oracle {

class ReferenceReplica {
 public:
  ReferenceReplica(const StepTimeModel& model, ReplicaLimits limits)
      : model_(model), limits_(limits) {
    for (std::int32_t rank = 0; rank < limits.ranks; ++rank) {
      ranks_.emplace_back(limits);
    }
  }

  /// Serves `arrivals`, sorted by time, to the end. Each must fit an empty replica.
  ReplicaHistory serve(const std::vector<Arrival>& arrivals) {
    for (const Arrival& arrival : arrivals) add_request(arrival);
    for (;;) {
      take_arrivals();
      if (any_inside()) {
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
    RequestBlocks kv;
    Ticks last_token_at = 0;  ///< exact, since the run's start
    RequestOutcome outcome;

    bool prefilling() const { return computed < prefill_target; }
  };
  struct Rank {
    explicit Rank(const ReplicaLimits& limits) : kv(limits) {}
    std::size_t load() const { return 4 * (waiting.size() + away()) + running.size(); }
    std::size_t away() const { return loading + loaded.size(); }

    std::deque<std::size_t> waiting;
    std::size_t loading = 0;           ///< requests
    std::deque<std::size_t> loaded;    ///< requests that may be admitted
    std::vector<std::size_t> running;  ///< in order of admission
    ReferenceKv kv;
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
    request.kv.prefix = arrival.prefix;
    request.prefill_target = arrival.prompt_tokens;
    const std::int32_t longest = arrival.prompt_tokens + arrival.output_tokens - 1;
    PLIMSOLL_ASSERT(blocks_for(longest) <= limits_.kv_blocks, "a request of {} tokens never fits",
                    longest);
    requests_.push_back(std::move(request));
  }

  void fall_idle_until_next_arrival() {
    now_ns_ = to_ns(requests_[next_arrival_].arrival.at);
    fraction_ = 0;
  }

  void take_arrivals() {
    while (next_arrival_ < requests_.size() &&
           to_ns(requests_[next_arrival_].arrival.at) <= now_ns_) {
      std::size_t least = 0;
      for (std::size_t rank = 1; rank < ranks_.size(); ++rank) {
        if (ranks_[rank].load() < ranks_[least].load()) least = rank;
      }
      ranks_[least].waiting.push_back(next_arrival_++);
    }
  }

  bool any_inside() const {
    return std::any_of(ranks_.begin(), ranks_.end(),
                       [](const Rank& rank) { return rank.load() > 0; });
  }

  void run_step() {
    StepRecord step;
    step.start_ns = now_ns_;
    std::vector<std::vector<Share>> shares;
    for (Rank& rank : ranks_) {
      rank_ = &rank;
      shares.push_back(schedule(step));
      step.kv_used_blocks += rank.kv.used();
      if (!shares.back().empty()) measure(shares.back(), step);
    }
    if (step.duration == 0) return wait_for_loads();
    pass_time(step.duration);
    take_arrivals();  // they choose ranks while the step runs
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
      rank_ = &ranks_[rank];
      hand_out_tokens(shares[rank]);
    }
    step.end_ns = now_ns_;
    steps_.push_back(step);
  }

  /// Nobody runs until a load ends or somebody arrives.
  void wait_for_loads() {
    std::int64_t next = next_arrival_ < requests_.size()
                            ? to_ns(requests_[next_arrival_].arrival.at)
                            : std::numeric_limits<std::int64_t>::max();
    for (Rank& rank : ranks_) {
      for (const ReferenceTier& tier : rank.kv.tiers()) next = std::min(next, tier.next_end_ns());
    }
    now_ns_ = next;
    fraction_ = 0;
  }

  void receive_loads() {
    for (ReferenceTier& tier : rank_->kv.tiers()) {
      for (const std::size_t id : tier.ended_by(now_ns_)) {
        Request& request = requests_[id];
        if (--request.kv.loads > 0) continue;
        rank_->kv.name_units(request.kv, request.computed);
        --rank_->loading;
        rank_->loaded.push_back(id);
      }
    }
  }

  std::vector<Share> schedule(StepRecord& step) {
    receive_loads();
    std::vector<Share> shares;
    std::int32_t budget = limits_.max_num_batched_tokens;
    const std::int32_t preemptions = step.preemptions;
    schedule_running(shares, budget, step, true, !limits_.prefill_first);
    if (step.preemptions == preemptions) admit_waiting(shares, budget);
    if (limits_.prefill_first && shares.empty()) {
      schedule_running(shares, budget, step, false, true);
    }
    const bool again = shares.empty() && step.preemptions > preemptions && rank_->away() > 0;
    return again ? schedule(step) : shares;
  }

  void schedule_running(std::vector<Share>& shares, std::int32_t& budget, StepRecord& step,
                        bool prefills, bool decodes) {
    for (std::size_t seat = 0; seat < rank_->running.size() && budget > 0; ++seat) {
      const std::size_t id = rank_->running[seat];
      Request& request = requests_[id];
      const bool prefill = request.prefilling();
      if (prefill ? !prefills : !decodes) continue;
      const std::int32_t wanted = prefill ? request.prefill_target - request.computed : 1;
      const std::int32_t tokens = std::min(wanted, budget);
      while (!rank_->kv.allocate(request.kv, request.computed + tokens, prefill)) {
        const std::size_t victim = rank_->running.back();
        rank_->running.pop_back();
        preempt(victim);
        ++step.preemptions;
        if (victim == id) return;
      }
      shares.push_back({id, tokens, prefill});
      budget -= tokens;
    }
  }

  void admit_waiting(std::vector<Share>& shares, std::int32_t& budget) {
    const auto seats = static_cast<std::size_t>(limits_.max_num_seqs);
    while (!rank_->loaded.empty() && budget > 0 && rank_->running.size() < seats) {
      const std::size_t id = rank_->loaded.front();
      Request& request = requests_[id];
      const std::int32_t tokens = std::min(request.prefill_target - request.computed, budget);
      rank_->kv.allocate(request.kv, request.computed + tokens, true);
      rank_->loaded.pop_front();
      rank_->running.push_back(id);
      shares.push_back({id, tokens, true});
      budget -= tokens;
    }
    while (!rank_->waiting.empty() && budget > 0 && rank_->running.size() + rank_->away() < seats) {
      const std::size_t id = rank_->waiting.front();
      Request& request = requests_[id];
      const std::vector<std::size_t> found =
          rank_->kv.find_prefix(request.kv, request.prefill_target);
      const std::vector<std::uint32_t> far =
          rank_->kv.find_offloaded(request.kv, found, request.prefill_target);
      if (!far.empty()) {
        if (!begin_load(id, found, far)) return;
        continue;
      }
      const std::int32_t cached = static_cast<std::int32_t>(found.size()) * limits_.block_size;
      const std::int32_t tokens = std::min(request.prefill_target - cached, budget);
      if (!rank_->kv.hold(request.kv, found, cached + tokens)) return;
      rank_->kv.allocate(request.kv, cached + tokens, true);
      if (request.outcome.preemptions == 0) request.outcome.cached_tokens = cached;
      request.computed = cached;
      rank_->waiting.pop_front();
      rank_->running.push_back(id);
      shares.push_back({id, tokens, true});
      budget -= tokens;
    }
  }

  /// Out of the queue, with blocks for all that it has to compute.
  bool begin_load(std::size_t id, const std::vector<std::size_t>& found,
                  const std::vector<std::uint32_t>& far) {
    Request& request = requests_[id];
    if (!rank_->kv.hold(request.kv, found, request.prefill_target)) return false;
    const auto units = static_cast<std::int32_t>(request.kv.units + far.size());
    rank_->kv.begin_loads(now_ns_, id, request.kv, far);
    rank_->kv.allocate(request.kv, request.prefill_target, false);
    request.computed = units * limits_.prefixes->block_tokens;
    if (request.outcome.preemptions == 0) request.outcome.cached_tokens = request.computed;
    rank_->waiting.pop_front();
    ++rank_->loading;
    return true;
  }

  void preempt(std::size_t id) {
    Request& request = requests_[id];
    rank_->kv.leave(request.kv, request.computed);
    request.computed = 0;
    request.prefill_target = request.arrival.prompt_tokens + request.generated;
    ++request.outcome.preemptions;
    rank_->waiting.push_front(id);
  }

  void measure(const std::vector<Share>& shares, StepRecord& step) const {
    std::vector<PrefillChunk> chunks;
    std::int32_t decoding = 0;
    std::int64_t context = 0;
    std::int32_t sampled = 0;
    for (const Share& share : shares) {
      const Request& request = requests_[share.request];
      if (share.prefill) {
        chunks.push_back({share.new_tokens, request.computed});
        if (request.computed + share.new_tokens == request.prefill_target) ++sampled;
      } else {
        ++decoding;
        context += request.computed + 1;
        ++sampled;
      }
    }
    const Ticks duration = chunks.empty() ? model_.decode(decoding, context).at(context)
                                          : model_.mixed({chunks, decoding, context, sampled});
    step.duration = std::max(step.duration, duration);
    step.decode_sequences += decoding;
    step.decode_context += context;
    step.prefill.insert(step.prefill.end(), chunks.begin(), chunks.end());
  }

  void pass_time(Ticks duration) {
    const Ticks end = fraction_ + duration;
    now_ns_ += end >> kTickBits;
    fraction_ = end & (kTicksPerNanosecond - 1);
  }

  void hand_out_tokens(const std::vector<Share>& shares) {
    for (const Share& share : shares) {
      Request& request = requests_[share.request];
      request.computed += share.new_tokens;
      if (!request.prefilling()) produce_token(request);
    }
    std::erase_if(rank_->running, [this](std::size_t id) { return leave_if_done(requests_[id]); });
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
    rank_->kv.leave(request.kv, request.computed);
    return true;
  }

  std::int64_t blocks_for(std::int64_t tokens) const {
    return (tokens + limits_.block_size - 1) / limits_.block_size;
  }

  const StepTimeModel& model_;
  ReplicaLimits limits_;
  std::vector<Request> requests_;
  std::size_t next_arrival_ = 0;
  std::vector<Rank> ranks_;
  Rank* rank_ = nullptr;  ///< the one that is being dealt with
  std::int64_t now_ns_ = 0;
  Ticks fraction_ = 0;
  std::vector<StepRecord> steps_;
};

}  // namespace plimsoll::oracle
