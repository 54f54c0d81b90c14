// The facts of a run: plain tables, in the order that every thread count agrees on. Everything that is printed,
// plotted or compared is computed from them (results/summary.hpp); results/run_file.hpp keeps them on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/job_facts.hpp"

namespace plimsoll {

/// What became of a request by the end of the run.
enum class RequestStatus : std::uint8_t {
  in_flight = 0,  ///< on the wire between gateway and replica
  queued = 1,     ///< waiting in an engine
  running = 2,    ///< in a running batch
  completed = 3,
  rejected = 4,  ///< refused by the gateway: longer than the engine's max_model_len
  transferring =
      5,  ///< prefilled; its KV cache is on the way to a decode replica, or waits for room there
};

inline constexpr std::int64_t kNoTime = -1;  ///< a milestone that was not reached

/// One request; times are nanoseconds since the run's start. `arrival` and `first_token` are as the gateway sees them.
struct RequestFact {
  std::int64_t arrival_ns = 0;
  std::int64_t first_token_ns = kNoTime;
  std::int64_t finish_ns = kNoTime;  ///< the gateway has the last token
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;  ///< as asked for, cut at max_model_len
  std::uint32_t replica = 0;  ///< that the policy chose, within the pool; 2^32 - 1 when rejected
  std::uint16_t preemptions = 0;
  RequestStatus status = RequestStatus::in_flight;
  std::int32_t cached_tokens = 0;  ///< of the prompt, found in the prefix cache when first admitted

  friend bool operator==(const RequestFact&, const RequestFact&) = default;
};

/// The KV cache of one request on its way from the replica that prefilled to the one that decodes it.
struct KvTransferFact {
  std::uint32_t request = 0;
  std::uint32_t from = 0;           ///< replica, within the pool
  std::uint32_t to = 0;             ///< likewise
  std::int64_t bytes = 0;           ///< that were left to send when the prefill had ended
  std::int64_t prefilled_ns = 0;    ///< the prefill ended
  std::int64_t begin_ns = kNoTime;  ///< the decode replica had blocks for it, and asked for it
  std::int64_t end_ns = kNoTime;    ///< the decode replica has it, the other one's blocks are free

  friend bool operator==(const KvTransferFact&, const KvTransferFact&) = default;
};

/// Gaps between tokens, as a run of iterations of equal membership: gap j (0 <= j < count) is start + slope * j, and
/// each of `sequences` requests sees each gap. Ticks are 2^-16 ns.
struct ItlRun {
  std::int64_t start_ticks = 0;
  std::int64_t slope_ticks = 0;
  std::uint32_t count = 0;
  std::uint32_t sequences = 0;
  std::uint32_t replica = 0;

  friend bool operator==(const ItlRun&, const ItlRun&) = default;
};

/// The state of one pool at one tick of `observe.interval` (all events before it have happened).
struct PoolSample {
  std::int64_t time_ns = 0;
  std::uint64_t arrived =
      0;  ///< cumulative: completed + rejected + in_flight + queued + running + transferring
  std::uint64_t completed =
      0;  ///< cumulative: last token produced and on its way to the gateway, or there
  std::uint64_t rejected = 0;   ///< cumulative
  std::uint64_t in_flight = 0;  ///< on the wire to a replica
  std::uint64_t queued = 0;
  std::uint64_t running = 0;
  std::uint64_t preempted = 0;       ///< cumulative number of preemptions
  std::uint64_t output_tokens = 0;   ///< cumulative, produced by finished iterations
  std::uint64_t kv_used_blocks = 0;  ///< allocated, over the pool's replicas
  std::int64_t busy_ns =
      0;  ///< cumulative time that replicas spent in iterations, summed over replicas
  std::uint64_t transferring = 0;  ///< between the end of their prefill and their decode replica

  friend bool operator==(const PoolSample&, const PoolSample&) = default;
};

/// What one replica did: the inputs of utilization and energy.
struct ReplicaFact {
  std::uint64_t requests = 0;  ///< routed to it
  std::uint64_t iterations = 0;
  std::uint64_t preemptions = 0;
  std::uint64_t prefill_tokens = 0;  ///< computed, recomputation after preemption included
  std::uint64_t kv_peak_blocks = 0;
  std::vector<std::int64_t> busy_ns;  ///< [n]: time in iterations with n sequences in the batch
  /// The largest that one of its attention ranks met.
  std::uint64_t most_step_tokens = 0;     ///< new tokens of an iteration
  std::uint64_t most_step_sequences = 0;  ///< of an iteration, decoding or prefilled
  std::uint64_t longest_prompt = 0;       ///< tokens prefilled, cached ones included
  std::uint64_t longest_context = 0;      ///< tokens of a sequence in the KV cache

  friend bool operator==(const ReplicaFact&, const ReplicaFact&) = default;
};

/// The replicas of a pool that prefill for its others (prefill/decode disaggregation).
struct PrefillGroup {
  std::uint32_t replicas = 0;  ///< 0: none, every replica prefills and decodes
  std::uint32_t gpus_per_replica = 0;
  std::uint64_t kv_blocks_per_replica = 0;
  std::string gpu;
  double price_usd_per_gpu_hour = 0;
  double idle_power_w = 0;  ///< per GPU
  std::vector<double> busy_power_w;

  friend bool operator==(const PrefillGroup&, const PrefillGroup&) = default;
};

/// One pool: what it is (constants of the resolved scenario) and what happened in it. Where it has prefill replicas,
/// these come first wherever replicas are numbered, and what is said of `replicas` here holds for those that decode.
struct PoolFacts {
  std::string name;
  std::string model;
  std::string gpu;
  std::string routing;  ///< the policy's name
  std::uint32_t replicas = 0;
  std::uint32_t gpus_per_replica = 0;
  std::uint64_t kv_blocks_per_replica = 0;
  std::uint32_t kv_block_tokens = 0;
  std::uint32_t prefix_block_tokens =
      0;  ///< what the prefix cache finds at a time; 0: no prefix cache, or nothing to find
  std::int64_t slo_ttft_ns = 0;  ///< 0: no such objective
  std::int64_t slo_tpot_ns = 0;
  double price_usd_per_gpu_hour = 0;  ///< of the pool's GPUs
  double idle_power_w = 0;            ///< per GPU, no iteration running
  std::vector<double> busy_power_w;   ///< [n]: per GPU, in an iteration with n sequences
  std::string step_time_level;     ///< calibration level of the step-time model, e.g. "closed form"
  double step_time_error = 0;      ///< its stated median relative error; 0: not stated
  double step_time_error_p90 = 0;  ///< the 90th percentile of the same
  std::string extrapolations;      ///< what lies outside the calibrated range, a sentence per line
  PrefillGroup prefill;

  std::vector<RequestFact> requests;         ///< in order of arrival
  std::vector<KvTransferFact> kv_transfers;  ///< in the order in which gateways gave them out
  std::vector<ItlRun> itl_runs;              ///< in order of (observation tick, replica, time)
  std::vector<PoolSample> samples;  ///< one per tick of observe.interval, the last at the run's end
  std::vector<ReplicaFact> replica_facts;  ///< by replica

  std::uint64_t decisions_hash = 0;  ///< accumulated over the policy's decisions, in their order
  std::uint64_t view_changes_hash =
      0;  ///< accumulated over the changes of its view, in their order

  std::uint32_t all_replicas() const { return prefill.replicas + replicas; }
  std::uint64_t gpus() const {
    return std::uint64_t{prefill.replicas} * prefill.gpus_per_replica +
           std::uint64_t{replicas} * gpus_per_replica;
  }
  /// KV blocks of all replicas.
  std::uint64_t kv_blocks() const {
    return prefill.replicas * prefill.kv_blocks_per_replica + replicas * kv_blocks_per_replica;
  }
  double price_usd_per_hour() const {
    return prefill.price_usd_per_gpu_hour * prefill.replicas * prefill.gpus_per_replica +
           price_usd_per_gpu_hour * replicas * gpus_per_replica;
  }

  friend bool operator==(const PoolFacts&, const PoolFacts&) = default;
};

/// How the engine ran a pool. Wall-clock facts: they go to run.meta.json, never into run.h5.
struct EngineReport {
  std::string pool;
  std::string level;  ///< "serial", "window", "window, 2 threads"
  std::string
      binding_edge;  ///< what bounds the window: "sensor landing", "response", "observation tick"
  double window_s = 0;  ///< its length in simulated seconds; 0 for serial
  std::uint64_t windows = 0;
  std::uint64_t events = 0;
};

/// A whole run.
struct RunFacts {
  std::uint64_t seed = 0;
  std::string scenario_yaml;       ///< the resolved scenario, as YAML
  std::string version;             ///< of Plimsoll
  std::string digest;              ///< 32 hex digits over all facts below
  std::int64_t end_ns = 0;         ///< simulated time at which the run ended (drain included)
  std::int64_t horizon_ns = 0;     ///< no arrival is later
  std::uint32_t cluster_gpus = 0;  ///< all GPUs of the cluster, those of no pool included
  double cluster_price_usd_per_hour = 0;
  double unused_idle_power_w = 0;  ///< of the GPUs of no pool, all together
  std::vector<PoolFacts> pools;
  std::optional<JobTables> jobs;  ///< of a scenario with jobs

  friend bool operator==(const RunFacts&, const RunFacts&) = default;
};

}  // namespace plimsoll
