// One inference server with continuous batching as in vLLM V1: a queue, a running batch, KV blocks, and a clock.
//
// An iteration gives one token to each decoding sequence and fills what is left of the token budget with chunks of
// prompts. When KV blocks run out, the sequence admitted last loses its blocks and goes to the front of the queue, to
// be recomputed. Iterations without prompts and with unchanged membership advance as one macro-step (sim/step_run.hpp),
// cut at the next boundary when a request arrives that could be admitted; with `macro_steps` off each iteration is an
// event of its own, and every fact is the same. The cost of a request does not grow with its output length.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/time.hpp"
#include "results/run_facts.hpp"
#include "sim/kernel/context.hpp"
#include "sim/kv_blocks.hpp"
#include "sim/step_run.hpp"
#include "sim/vector_queue.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// What all replicas of a pool have in common.
struct ReplicaSetup {
  std::shared_ptr<const StepTimeModel> step_time;  ///< shared by the replicas of a pool; immutable
  std::int32_t max_num_seqs = 256;
  std::int32_t max_num_batched_tokens =
      8192;  ///< >= max_num_seqs: every decoding sequence gets its token
  std::int32_t block_tokens = 16;
  std::int64_t kv_blocks = 0;    ///< holds at least one sequence of the longest length
  std::uint32_t gateway = 0;     ///< the id of the pool's gateway
  Duration response_latency{1};  ///< replica to gateway
  bool macro_steps = true;
  bool reports_responses =
      false;                     ///< tell the gateway of each last token (policies that count them)
  bool reports_changes = false;  ///< tell it of each change of queue or batch (fresh sensors)
};

/// A request in a replica's queue.
struct QueuedRequest {
  std::uint32_t request = 0;  ///< the pool's running number
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
  std::int32_t produced = 0;  ///< tokens produced before a preemption
  std::uint16_t preemptions = 0;
  std::int64_t first_token_ns = kNoTime;  ///< as the gateway sees it
  std::int64_t last_token_ns = kNoTime;   ///< as the replica produced it
};

/// A request on the wire from the gateway to a replica. All take the same time, so they land in the order sent.
struct Dispatch {
  SimTime lands_at{};
  std::uint32_t request = 0;
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
};

/// A request that a replica has finished; times as the gateway sees them.
struct FinishedRequest {
  std::uint32_t request = 0;
  std::uint16_t preemptions = 0;
  std::int64_t first_token_ns = kNoTime;
  std::int64_t finish_ns = kNoTime;
};

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
  using Events = EventList<RequestArrived, StepDone>;

  /// `row`: the replica's place in its pool.
  Replica(const ReplicaSetup& setup, std::uint32_t row);

  /// Puts a request on the wire; `RequestArrived` must follow at `lands_at`.
  void send(const Dispatch& dispatch) { wire_.push(dispatch); }
  void on(RequestArrived, Context<Replica>& context);
  void on(StepDone done, Context<Replica>& context);

  /// When the running iterations end; kNever when idle.
  SimTime wakes_at() const { return stepping_ ? at_ns(wake_ns_) : kNever; }
  std::uint32_t generation() const { return generation_; }
  const VectorQueue<Dispatch>& wire() const { return wire_; }

  ReplicaReading read(SimTime now) const;
  ReplicaTotals totals(SimTime now) const;
  std::uint64_t completed() const { return completed_; }

  /// Facts since the last call, oldest first. An iteration run is told when its membership has ended.
  std::vector<FinishedRequest>& finished() { return finished_; }
  std::vector<ItlRun>& itl_runs() { return itl_runs_; }
  /// Ends the open run of inter-token gaps, so that `itl_runs` is complete: once, at the end of a simulation.
  void close(SimTime now);
  /// Requests inside: `visit(const QueuedRequest&, RequestStatus)`.
  template <class Visit>
  void each_unfinished(Visit&& visit) const {
    for (std::uint16_t slot = head_; slot != kNone; slot = sequences_[slot].next) {
      visit(sequences_[slot].request, RequestStatus::running);
    }
    for (const QueuedRequest& request : waiting_) visit(request, RequestStatus::queued);
  }
  const ReplicaFact& fact() const { return fact_; }

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;

  /// A member of the running batch, in a doubly linked list in order of admission.
  struct Sequence {
    QueuedRequest request;       ///< `produced` as of `joined_at` once decoding
    std::int64_t joined_at = 0;  ///< decode index at which it began to decode
    std::int32_t computed = 0;  ///< tokens in the KV cache: now, or as of `joined_at` once decoding
    bool decoding = false;
    std::uint16_t previous = kNone;
    std::uint16_t next = kNone;
    std::uint64_t admission = 0;  ///< running number, for ties
  };
  struct Finish {
    std::int64_t index;            ///< decode index after which the sequence is done
    std::uint64_t admission_slot;  ///< its admission, then its slot in the lowest 16 bits
    std::uint16_t slot() const { return static_cast<std::uint16_t>(admission_slot); }
  };
  /// Heap order: the earliest finish on top, then the earliest admission.
  static bool later(const Finish& a, const Finish& b) {
    return a.index != b.index ? a.index > b.index : a.admission_slot > b.admission_slot;
  }
  struct Chunk {
    std::uint16_t slot;
    std::int32_t tokens;
  };

  std::int64_t computed(const Sequence& sequence) const {
    return sequence.computed + (sequence.decoding ? decode_index_ - sequence.joined_at : 0);
  }

  void begin_step(Context<Replica>& context);
  bool take_decode_blocks(std::int64_t now_ns);
  bool take_decode_blocks_or_preempt(std::int64_t now_ns);
  void preempt_last(std::int64_t now_ns);
  bool continue_prefill(std::int64_t& budget, std::int64_t now_ns);
  void admit_waiting(std::int64_t budget);
  void plan_mixed(std::int64_t now_ns);
  void plan_decode(std::int64_t now_ns, std::int64_t longest);
  void wake_at_end(Context<Replica>& context);
  void report_change(Context<Replica>& context);
  void count_iterations();
  void note_busy(std::int64_t took_ns);
  void note_kv_peak();
  void end_itl_row();
  void record_itl();
  void finish_decoded(Context<Replica>& context);
  void finish_chunks(Context<Replica>& context);
  void token_after_prefill(std::uint16_t slot, Context<Replica>& context);
  void start_decoding(std::uint16_t slot);
  void finish(std::uint16_t slot, Context<Replica>& context);
  std::uint16_t allocate_slot();
  void append(std::uint16_t slot);
  void unlink(std::uint16_t slot);
  void flush_itl();

  const ReplicaSetup* setup_;  ///< the pool's; outlives the replica (see Pool)
  std::uint32_t row_;

  StepRun run_;
  bool stepping_ = false;
  bool mixed_ = false;  ///< the running iteration prefills
  std::uint32_t generation_ = 0;
  std::int64_t wake_ns_ = 0;
  Ticks fraction_ = 0;  ///< of the clock, between runs

  std::int64_t decode_index_ = 0;  ///< iterations in which all decoding sequences got a token
  std::uint32_t decoding_ = 0;
  std::int64_t decode_context_ = 0;  ///< computed tokens of the decoding sequences
  std::uint16_t partial_ =
      kNone;  ///< the one partially prefilled sequence: always the last of the list
  std::uint16_t head_ = kNone;
  std::uint16_t tail_ = kNone;
  std::uint32_t members_ = 0;  ///< of the running batch
  std::uint64_t admissions_ = 0;
  std::vector<Chunk> chunks_;     ///< of the running iteration
  std::vector<Finish> finishes_;  ///< a heap, earliest first
  KvBlocks kv_;

  std::vector<Sequence> sequences_;
  std::vector<std::uint16_t> free_slots_;
  VectorQueue<Dispatch> wire_;
  std::deque<QueuedRequest> waiting_;

  std::uint64_t reported_ = 0;       ///< (members, waiting) as last told to fresh sensors
  ItlRun open_itl_;                  ///< count 0: none
  bool membership_changed_ = false;  ///< since the open run began
  std::uint64_t completed_ = 0;
  std::uint64_t output_tokens_ = 0;
  std::int64_t busy_ns_ = 0;
  ReplicaFact fact_;
  std::vector<FinishedRequest> finished_;
  std::vector<ItlRun> itl_runs_;
};

}  // namespace plimsoll
