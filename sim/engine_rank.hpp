// One attention rank of a serving engine: a queue, a running batch, KV blocks. It has no clock: the replica asks what
// its next iterations hold, and tells it when they have run.
//
// Mixed scheduling is that of vLLM V1: an iteration gives one token to each decoding sequence and fills what is left of
// the token budget with chunks of prompts. Prefill first is that of SGLang: while any prompt waits and fits, iterations
// hold prompts alone, the budget full of them, and decoding pauses. (Room is asked for the prompt alone: SGLang's
// reserve for tokens to come is not modelled, and it is the last admitted that is retracted.)
//
// When KV blocks run out, the sequence admitted last loses its blocks and goes to the front of the queue, to be
// recomputed. With a prefix cache (sim/prefix_cache.hpp) a prompt begins behind its longest cached beginning; at least
// one token of it is computed. A prompt's blocks can be found from the iteration on that computes them; those of an
// answer once the sequence leaves the batch. What a tier behind the cache has of a prompt (sim/kv_offload.hpp) is
// loaded before its prefill, while others run; for that it has the blocks of the whole prompt from the start.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "results/run_facts.hpp"
#include "sim/kv_blocks.hpp"
#include "sim/kv_offload.hpp"
#include "sim/prefix_cache.hpp"
#include "sim/replica_setup.hpp"
#include "sim/serving_request.hpp"
#include "sim/step_run.hpp"
#include "sim/vector_queue.hpp"

namespace plimsoll {

/// What the ranks of a replica leave behind.
struct ReplicaLog {
  std::uint32_t row = 0;  ///< the replica's place in its pool
  ReplicaFact fact;
  std::uint64_t completed = 0;
  std::uint64_t output_tokens = 0;
  std::vector<FinishedRequest> finished;
  std::vector<std::uint32_t>
      handed_over;                   ///< requests of a prefill replica: to be told of and cleared
  std::vector<std::uint32_t> asked;  ///< transfers that a decode replica wants: likewise
  std::vector<ItlRun> itl_runs;
};

/// What a rank runs next: iteration j (0 <= j < steps) would take it first + slope * j ticks.
struct IterationPlan {
  Ticks first = 0;
  Ticks slope = 0;
  std::int64_t steps = 0;  ///< 0: nothing
  bool prefills = false;
};

class EngineRank {
 public:
  /// `setup` is the pool's and outlives the rank (see Pool).
  explicit EngineRank(const ReplicaSetup& setup);

  void enqueue(const QueuedRequest& request);
  bool idle() const {
    return members_ == 0 && waiting_.empty() && incoming_.empty() && received_.empty() &&
           away() == 0;
  }
  /// Whether the batch has a seat that is free, beyond so many.
  bool has_seat(std::size_t beyond = 0) const {
    return members_ + beyond < static_cast<std::size_t>(setup_->max_num_seqs);
  }
  /// Whether a request that lands now may be in the next iteration: not behind others, nor with a full batch (a KV
  /// cache that is to be asked for needs no seat).
  bool may_admit_next() const {
    return waiting_.empty() && incoming_.empty() &&
           (has_seat() || setup_->role == ReplicaRole::decode);
  }
  /// When the next load from an offload tier ends; the largest number when none runs.
  std::int64_t next_load_ns() const { return offload_.next_done_ns(); }
  /// A decode rank has the KV cache that it asked for; a prefill rank may reuse the blocks of one that was sent.
  /// False where that is another rank's.
  bool receive(std::uint32_t request);
  bool release(std::uint32_t request);
  /// Requests of a prefill rank whose KV cache it still holds, oldest first.
  const std::vector<HeldRequest>& held() const { return held_; }

  /// What comes next, at the end of the iterations before it. Admits, preempts and takes KV blocks.
  IterationPlan schedule(std::int64_t now_ns, ReplicaLog& log);
  /// The iterations begin, as long as the slowest rank makes them.
  void begin(const StepRun& run, ReplicaLog& log);
  /// They have run. Moves KV blocks and counters over all of them.
  void count(const StepRun& run, ReplicaLog& log);
  /// Hands out the tokens of the last of them.
  void finish_iteration(std::int64_t now_ns, ReplicaLog& log);
  /// Ends the open row of inter-token gaps.
  void flush_itl(ReplicaLog& log);
  /// The simulation ends when `run.steps` of the iterations that now run are over.
  void close(const StepRun& run, ReplicaLog& log);

  std::uint32_t running() const { return members_; }
  std::uint32_t waiting() const {
    return static_cast<std::uint32_t>(waiting_.size() + received_.size() + away());
  }
  /// Requests of a decode rank whose KV cache is not here yet.
  std::uint32_t coming() const {
    return static_cast<std::uint32_t>(incoming_.size() + asked_.size());
  }
  /// Sequences that have a token from each iteration that now runs.
  std::uint32_t decoding() const { return paused_ ? 0 : decoding_; }
  /// KV blocks referred to when `further` iterations have begun after the first of those that now run.
  std::int64_t kv_used(std::int64_t further) const {
    return kv_.used() + (further > 0 ? kv_.needed(decode_index_ + 1, further) : 0);
  }
  /// Requests inside: `visit(const QueuedRequest&, RequestStatus)`.
  template <class Visit>
  void each_unfinished(Visit&& visit) const {
    for (std::uint16_t slot = head_; slot != kNone; slot = sequences_[slot].next) {
      visit(sequences_[slot].request, RequestStatus::running);
    }
    for (const QueuedRequest& request : waiting_) visit(request, RequestStatus::queued);
    for (const std::uint16_t slot : loading_)
      visit(sequences_[slot].request, RequestStatus::queued);
    for (const std::uint16_t slot : loaded_) visit(sequences_[slot].request, RequestStatus::queued);
    for (const std::uint16_t slot : received_) {
      visit(sequences_[slot].request, RequestStatus::queued);
    }
  }
  /// KV blocks are conserved: those referred to and those in the prefix cache's queue are all.
  void check_blocks() const;

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;

  /// A member of the running batch, in a doubly linked list in order of admission.
  struct Sequence {
    QueuedRequest request;       ///< `produced` as of `joined_at` once decoding
    std::int64_t joined_at = 0;  ///< decode index at which it began to decode
    std::int32_t computed = 0;  ///< tokens in the KV cache: now, or as of `joined_at` once decoding
    std::int32_t reserved = 0;  ///< tokens for which it has blocks, where that is more
    bool decoding = false;
    std::uint16_t previous = kNone;
    std::uint16_t next = kNone;
    std::uint64_t admission = 0;  ///< running number, for ties
    std::int64_t began_ns = 0;    ///< its first iteration
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

  /// Running maxima: once per run of iterations, per prompt and per sequence.
  void note_step(std::uint64_t tokens, std::uint64_t sequences, ReplicaLog& log) const;
  void note_context(std::int64_t tokens, ReplicaLog& log) const;

  std::int64_t computed(const Sequence& sequence) const {
    return sequence.computed + (sequence.decoding ? decode_index_ - sequence.joined_at : 0);
  }

  /// Tokens for which the sequence has blocks.
  std::int64_t held_tokens(const Sequence& sequence) const {
    return std::max<std::int64_t>(computed(sequence), sequence.reserved);
  }
  /// Requests that load from offload tiers, or have loaded and wait for their turn.
  std::size_t away() const { return loading_.size() + loaded_.size(); }

  /// Decoding sequences that wait for prefills since they got their last token together.
  struct Pause {
    std::uint32_t sequences = 0;
    std::int64_t last_token_ns = 0;
    Ticks ticks = 0;  ///< since then
  };

  // -- What the next iteration holds (sim/engine_rank_schedule.cpp).
  IterationPlan schedule_mixed(std::int64_t now_ns, ReplicaLog& log);
  IterationPlan schedule_prefill_first(std::int64_t now_ns, ReplicaLog& log);
  bool take_decode_blocks(std::int64_t now_ns, ReplicaLog& log);
  bool take_decode_blocks_or_preempt(std::int64_t now_ns, ReplicaLog& log);
  void preempt_last(std::int64_t now_ns, ReplicaLog& log);
  bool continue_prefill(std::int64_t& budget, std::int64_t now_ns, ReplicaLog& log);
  void admit_waiting(std::int64_t budget, std::int64_t now_ns);
  bool admit_front(std::int64_t& budget, std::int64_t now_ns);
  void join_prefill(std::uint16_t slot, std::int64_t& budget, std::int64_t now_ns);
  IterationPlan plan_mixed(ReplicaLog& log);
  IterationPlan plan_decode(std::int64_t longest) const;

  // -- Prefill and decode on different replicas (sim/engine_rank_handover.cpp).
  void hand_over(std::uint16_t slot, std::int64_t now_ns, ReplicaLog& log);
  void ask_for_kv(ReplicaLog& log);
  void join_received(std::int64_t now_ns);
  Ticks hand_over_ticks(std::int32_t prompt_tokens) const;
  IterationPlan nothing_to_run(bool preempted, std::int64_t now_ns, ReplicaLog& log);

  // -- KV blocks.
  /// The first in the queue may need fewer blocks once cached ones that it would have used are evicted.
  bool waits_for_cached_blocks() const { return waits_for_blocks_ && cache_.enabled(); }
  std::span<const std::uint32_t> prefix_ids(const QueuedRequest& request,
                                            std::int64_t tokens) const;
  PrefixCache::Found find_prefix(const QueuedRequest& request);
  std::int64_t find_offloaded(const QueuedRequest& request, std::int64_t units) const;
  void begin_load(std::uint16_t slot, std::int64_t units, std::int64_t far, std::int64_t now_ns);
  void receive_loads(std::int64_t now_ns);
  std::int64_t unit_tokens() const { return cache_.unit_blocks() * setup_->block_tokens; }
  void take_blocks(std::int64_t blocks);
  void keep_prefix(std::uint16_t slot, std::int64_t tokens);
  void give_back_blocks(std::uint16_t slot);

  void extend_pauses(const StepRun& run);
  std::int64_t leave_pause(std::int64_t now_ns);
  void record_paused(const StepRun& run, ReplicaLog& log);
  void end_itl_row(const StepRun& run, ReplicaLog& log);
  void record_itl(const StepRun& run, ReplicaLog& log);
  void finish_decoded(std::int64_t now_ns, ReplicaLog& log);
  void finish_chunks(std::int64_t now_ns, ReplicaLog& log);
  void token_after_prefill(std::uint16_t slot, std::int64_t now_ns, ReplicaLog& log);
  void start_decoding(std::uint16_t slot);
  void finish(std::uint16_t slot, std::int64_t now_ns, ReplicaLog& log);

  bool has_slot() const { return !free_slots_.empty() || sequences_.size() < kNone; }
  std::uint16_t allocate_slot();
  void append(std::uint16_t slot);
  void unlink(std::uint16_t slot);
  void leave_batch(std::uint16_t slot);

  const ReplicaSetup* setup_;
  bool mixed_ = false;             ///< the iteration that now runs prefills
  bool paused_ = false;            ///< and nobody decodes in it
  std::int64_t decode_index_ = 0;  ///< iterations in which all decoding sequences got a token
  std::uint32_t decoding_ = 0;
  std::int64_t decode_context_ = 0;  ///< computed tokens of the decoding sequences
  std::uint16_t partial_ =
      kNone;  ///< the one partially prefilled sequence: always the last of the list
  std::uint16_t head_ = kNone;
  std::uint16_t tail_ = kNone;
  std::uint32_t members_ = 0;  ///< of the running batch
  std::uint64_t admissions_ = 0;
  bool waits_for_blocks_ = false;  ///< the first in the queue did not fit
  std::vector<Chunk> chunks_;      ///< of the running iteration
  std::vector<Finish> finishes_;   ///< a heap, earliest first
  KvBlocks kv_;
  PrefixCache cache_;
  KvOffload offload_;
  std::vector<std::uint32_t> evicted_;  ///< scratch of take_blocks

  std::vector<Sequence> sequences_;
  std::vector<std::uint16_t> free_slots_;
  std::deque<QueuedRequest> waiting_;

  std::vector<std::uint16_t> loading_;   ///< slots, in the order in which their loads began
  VectorQueue<std::uint16_t> loaded_;    ///< slots, in wait for their turn
  std::vector<std::uint16_t> done_;      ///< scratch of receive_loads
  std::vector<HeldRequest> held_;        ///< of a prefill rank
  VectorQueue<QueuedRequest> incoming_;  ///< of a decode rank: they wait for blocks
  std::vector<std::uint16_t> asked_;     ///< slots with blocks, whose KV cache is on its way
  VectorQueue<std::uint16_t> received_;  ///< slots whose KV cache is here, in wait for a seat

  /// In the order of their last tokens, which is that of admission. Who got one since is in none.
  std::vector<Pause> pauses_;
  ItlRun open_itl_;                  ///< count 0: none
  bool membership_changed_ = false;  ///< since the open run began
};

}  // namespace plimsoll
