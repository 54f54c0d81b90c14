// A pool: a gateway, its replicas, the requests that come to it. One partition of a run.
//
// It is a world of the kernel (sim/kernel/partition.hpp), which handles its events one by one in the order of their
// keys; and it can be advanced window by window (sim/pool_windows.hpp) where the routing policy's view allows it. The
// entities, and every fact, are the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "results/run_facts.hpp"
#include "sim/arrival_cursor.hpp"
#include "sim/gateway.hpp"
#include "sim/kernel/context.hpp"
#include "sim/kv_transfers.hpp"
#include "sim/replica.hpp"

namespace plimsoll {

/// The replicas of a pool that decode what its others prefill.
struct DecodeSetup {
  ReplicaSetup replica;
  std::uint32_t replicas = 0;
  KvTransferSetup transfers;
};

/// The constants of a pool. Shared, immutable, by the pool and its copies (checkpoints), whose entities point into it.
struct PoolSetup {
  std::uint32_t first_id = 0;  ///< entity ids in the run: clients, gateway, replicas, transfers
  GatewaySetup gateway;
  ReplicaSetup replica;               ///< of the rows that the policy chooses from
  std::optional<DecodeSetup> decode;  ///< with it, those prefill, and the rows after them decode
  PoolFacts constants;                ///< what the facts say of the pool besides what happened

  std::uint32_t clients_id() const { return first_id; }
  std::uint32_t gateway_id() const { return first_id + 1; }
  std::uint32_t replica_id(std::uint32_t row) const { return first_id + 2 + row; }
  /// Rows that the policy chooses from, and all of them.
  std::uint32_t replicas() const { return static_cast<std::uint32_t>(gateway.replicas.size()); }
  std::uint32_t all_replicas() const { return replicas() + (decode ? decode->replicas : 0); }
  std::uint32_t transfers_id() const { return replica_id(all_replicas()); }
  std::uint32_t end_id() const { return transfers_id() + (decode ? 1 : 0); }
  /// Gives the rows of the pool their parts in the hand-over; once ids, replicas and `decode` are known.
  void join_roles();
};

class Pool {
 public:
  Pool(std::shared_ptr<const PoolSetup> setup, std::unique_ptr<RoutingPolicy> policy,
       ArrivalCursor arrivals);

  const PoolSetup& setup() const { return *setup_; }

  // -- A world of the kernel.
  OrderKey next_external() const;
  void external(Outbox& outbox);
  void handle(const Event& event, Outbox& outbox);
  static std::uint32_t partition_of(const Event&) { return 0; }

  // -- The pieces that windows are made of.
  const SensorGrid& sensors() const { return setup_->gateway.sensors; }
  const ArrivalCursor& arrivals() const { return arrivals_; }
  /// Makes about `count` arrivals ahead of time: work that may run beside the replicas'.
  void prefetch_arrivals(std::size_t count) { arrivals_.prefetch(count); }
  /// After its stream of arrivals was at its end and has got more.
  void resume_arrivals() { arrivals_.resume(); }
  std::size_t requests() const { return requests_.size(); }
  ViewColumns columns() const { return gateway_.entity.columns(); }
  std::int64_t next_scrape() const { return next_scrape_; }
  std::int64_t next_landing() const { return next_landing_; }
  void scrape_sent() { gateway_.entity.scrape_sent(next_scrape_++); }
  void scrape_landed();
  void response_seen(const Event& event);
  /// The gateway takes the next arrival. The row that serves it, or kRejected; `dispatch` is what to send there.
  static constexpr std::uint32_t kRejected = 0xFFFFFFFFu;
  std::uint32_t route_next(Dispatch& dispatch);
  Slot<Replica>& replica(std::uint32_t row) { return replicas_[row]; }
  /// Where scrape k puts what it reads of each row.
  std::vector<ReplicaReading>& board(std::int64_t k);

  /// All events that the state implies (wires, running iterations), for a kernel that takes over.
  void each_pending(std::vector<Event>& events);

  // -- What happened.
  /// Nothing is left to do before `kNever`.
  bool idle() const;
  PoolSample sample(SimTime now) const;
  /// Moves the facts told since the last call into the pool's tables.
  void collect_facts();
  std::string take_recording() { return gateway_.entity.take_recording(); }
  SimTime last_arrival_at() const { return arrivals_.last_at(); }
  /// The last instant at which anything happened: an arrival, a response.
  SimTime last_fact_at() const { return std::max(arrivals_.last_at(), at_ns(last_finish_ns_)); }
  std::uint64_t iterations() const;
  /// The pool's facts, complete, at the run's end. Leaves the pool without its tables.
  PoolFacts take_facts(SimTime end);

 private:
  void deliver_to_gateway(const Event& event, Outbox& outbox);
  void hand_over(SimTime now, PrefillDone done, Outbox& outbox);
  void scrape_now();

  std::shared_ptr<const PoolSetup> setup_;
  Slot<Gateway> gateway_;
  std::vector<Slot<Replica>> replicas_;
  std::optional<Slot<KvTransfers>> transfers_;
  ArrivalCursor arrivals_;
  std::int64_t next_scrape_ = 0;
  std::int64_t next_landing_ = 0;
  std::vector<std::vector<ReplicaReading>> board_;  ///< a ring over scrapes
  std::uint64_t rejected_ = 0;
  std::int64_t last_finish_ns_ = 0;
  std::vector<RequestFact> requests_;
  std::vector<ItlRun> itl_runs_;
};

}  // namespace plimsoll
