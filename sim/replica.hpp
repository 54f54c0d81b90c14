// One inference server with continuous batching: the clock of a serving engine, and what lands on its wire.
//
// What an iteration holds is the business of its attention ranks (sim/engine_rank.hpp). With data-parallel attention
// there are several: a request goes to one of them as it lands, and all take each step together. Iterations without
// prompts and with unchanged membership advance as one macro-step (sim/step_run.hpp), cut at the next boundary when a
// request arrives that could be admitted or a load from an offload tier ends; with `macro_steps` off each iteration is
// an event of its own, and every fact is the same. The cost of a request does not grow with its output length.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <vector>

#include "core/time.hpp"
#include "results/run_facts.hpp"
#include "sim/engine_rank.hpp"
#include "sim/kernel/context.hpp"
#include "sim/replica_setup.hpp"
#include "sim/serving_request.hpp"
#include "sim/step_run.hpp"
#include "sim/vector_queue.hpp"

namespace plimsoll {

/// What a sensor reads off a replica at one instant, before whatever completes at that instant.
struct ReplicaReading {
  std::uint32_t running = 0;
  std::uint32_t waiting = 0;
  std::uint32_t kv_used_blocks = 0;
};

/// Counters of a replica at one instant, as ReplicaReading.
struct ReplicaTotals {
  std::int64_t busy_ns = 0;
  std::uint64_t output_tokens = 0;
};

/// The oldest request on the wire has landed.
struct RequestArrived {};
/// The wake-up at the end of a run of iterations; one of an older generation is void.
struct StepDone {
  std::uint32_t generation = 0;
};
/// To a decode replica: it has the KV cache of a request that it asked for.
struct KvReceived {
  std::uint32_t request = 0;
};
/// To a prefill replica: the KV cache of a request has been sent.
struct KvReleased {
  std::uint32_t request = 0;
};
/// To the gateway: a prefill replica has prefilled this request.
struct PrefillDone {
  std::uint32_t request = 0;
  std::uint32_t row = 0;
};
/// To the gateway: it has the last token of a request that this row served.
struct ResponseSeen {
  std::uint32_t row = 0;
};
/// To the gateway, from a fresh sensor: this row's queue or batch has changed.
struct RowChanged {
  std::uint32_t row = 0;
};

class Replica {
 public:
  using Events = EventList<RequestArrived, StepDone, KvReceived, KvReleased>;

  /// `row`: the replica's place in its pool.
  Replica(const ReplicaSetup& setup, std::uint32_t row);

  /// Puts a request on the wire, which brings it to the front end at `lands_at`. When it lands in the queue, the front
  /// end having dealt with those before it and with it: `RequestArrived` must follow then.
  SimTime send(Dispatch dispatch);
  void on(RequestArrived, Context<Replica>& context);
  void on(StepDone done, Context<Replica>& context);
  void on(KvReceived received, Context<Replica>& context);
  void on(KvReleased released, Context<Replica>& context);

  /// When the running iterations end; kNever when idle.
  SimTime wakes_at() const { return stepping_ ? at_ns(wake_ns_) : kNever; }
  std::uint32_t generation() const { return generation_; }
  const VectorQueue<Dispatch>& wire() const { return wire_; }

  ReplicaReading read(SimTime now) const {
    ReplicaReading reading;
    read(now, reading);
    return reading;
  }
  /// The same into its place: what sensors do most must not go through a copy on the stack.
  void read(SimTime now, ReplicaReading& reading) const;
  ReplicaTotals totals(SimTime now) const;
  std::uint64_t completed() const { return log_.completed; }
  /// Requests of a prefill replica whose KV cache it still holds: `visit(const HeldRequest&)`.
  template <class Visit>
  void each_held(Visit&& visit) const {
    for (const EngineRank& rank : ranks_) {
      for (const HeldRequest& held : rank.held()) visit(held);
    }
  }
  std::size_t held() const {
    std::size_t count = 0;
    each_held([&](const HeldRequest&) { ++count; });
    return count;
  }

  /// Facts since the last call, oldest first. An iteration run is told when its membership has ended.
  std::vector<FinishedRequest>& finished() { return log_.finished; }
  std::vector<ItlRun>& itl_runs() { return log_.itl_runs; }
  /// Ends the open run of inter-token gaps, so that `itl_runs` is complete: once, at the end of a simulation.
  void close(SimTime now);
  /// Requests inside: `visit(const QueuedRequest&, RequestStatus)`.
  template <class Visit>
  void each_unfinished(Visit&& visit) const {
    for (const EngineRank& rank : ranks_) rank.each_unfinished(visit);
  }
  const ReplicaFact& fact() const { return log_.fact; }
  /// Asserts that no KV block is lost or held twice.
  void check_blocks() const {
    for (const EngineRank& rank : ranks_) rank.check_blocks();
  }

 private:
  void wake_up(Context<Replica>& context);
  void cut_run(Context<Replica>& context);
  EngineRank& least_loaded();
  bool idle() const;
  /// Over the ranks, `further` iterations after the first of the run.
  void sum_up(std::int64_t further, ReplicaReading& sums) const {
    std::uint32_t running = 0;
    std::uint32_t waiting = 0;
    std::int64_t kv_used = 0;
    for (const EngineRank& rank : ranks_) {
      running += rank.running();
      waiting += rank.waiting();
      kv_used += rank.kv_used(further);
    }
    sums.running = running;
    sums.waiting = waiting;
    sums.kv_used_blocks = static_cast<std::uint32_t>(kv_used);
  }
  ReplicaReading sums(std::int64_t further) const {
    ReplicaReading sums;
    sum_up(further, sums);
    return sums;
  }
  std::uint32_t running() const {
    std::uint32_t sum = 0;
    for (const EngineRank& rank : ranks_) sum += rank.running();
    return sum;
  }
  void begin_step(Context<Replica>& context);
  IterationPlan schedule(std::int64_t now_ns);
  void report_handover(Context<Replica>& context);
  /// Nothing runs, though a load from an offload tier may be waited for.
  bool rests(SimTime now) const { return !stepping_ || (run_.steps == 0 && at_ns(wake_ns_) > now); }
  std::int64_t next_load_ns() const;
  void rest_until(std::int64_t wake_ns, Context<Replica>& context);
  void wake_at_end(Context<Replica>& context);
  void report_change(Context<Replica>& context);
  void report_responses(std::size_t first, Context<Replica>& context);
  void count_iterations();
  void note_busy(std::int64_t took_ns);
  void note_kv_peak();

  const ReplicaSetup* setup_;  ///< the pool's; outlives the replica (see Pool)
  StepRun run_;
  bool stepping_ = false;
  bool mixed_ = false;  ///< the running iteration prefills
  std::uint32_t generation_ = 0;
  std::int64_t wake_ns_ = 0;
  Ticks fraction_ = 0;  ///< of the clock, between runs

  SimTime front_end_free_{};
  VectorQueue<Dispatch> wire_;
  boost::container::small_vector<EngineRank, 1> ranks_;  ///< one, nearly always: it lives in here
  std::vector<IterationPlan> plans_;                     ///< of several ranks
  std::uint64_t reported_ = 0;  ///< (members, waiting) as last told to fresh sensors
  std::int64_t busy_ns_ = 0;
  ReplicaLog log_;
};

}  // namespace plimsoll
