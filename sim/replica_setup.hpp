// What all replicas of a pool have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.hpp"
#include "sim/kv_offload.hpp"
#include "workloads/engine_profile.hpp"
#include "workloads/prefix_blocks.hpp"
#include "workloads/serving_deployment.hpp"
#include "workloads/step_time/measured_range.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// Which part of a request a replica does.
enum class ReplicaRole : std::uint8_t {
  both,
  prefill,  ///< the prompt and the first token; then its KV cache moves to another replica
  decode,  ///< all further tokens, from a KV cache that it is sent (and prefills after a preemption)
};

struct ReplicaSetup {
  ReplicaRole role = ReplicaRole::both;
  std::shared_ptr<const StepTimeModel> step_time;  ///< shared by the replicas of a pool; immutable
  SchedulerKind scheduler = SchedulerKind::mixed;
  std::int32_t ranks = 1;  ///< attention ranks, each with a queue, a batch and KV blocks of its own
  std::int32_t max_num_seqs = 256;  ///< of each rank, like all that follows
  std::int32_t max_num_batched_tokens =
      8192;  ///< >= max_num_seqs: every decoding sequence gets its token
  std::int32_t block_tokens = 16;
  std::int64_t kv_blocks = 0;  ///< of each rank; holds at least one sequence of the longest length
  std::uint32_t gateway = 0;   ///< the id of the pool's gateway
  Duration response_latency{1};  ///< replica to gateway
  std::uint32_t transfers = 0;   ///< the id of the pool's KvTransfers; of a decode replica
  Duration ask_latency{1};       ///< from its asking for a KV cache until the bytes flow
  /// Until a request that the network has brought is in the queue; one at a time.
  Duration front_end{};
  double front_end_per_token_s = 0;  ///< and for each token of its prompt
  /// Host time of a replica that only prefills, per KV cache that it sends: base, and for each token of the prompt.
  /// The step that completes the prompt takes so much longer.
  Duration hand_over{};
  double hand_over_per_token_s = 0;
  /// A decode replica asks for a KV cache if so many tokens stay free for each sequence that it has or awaits.
  std::int32_t decode_reserve_tokens = 0;
  bool macro_steps = true;
  bool reports_responses =
      false;                     ///< tell the gateway of each last token (policies that count them)
  bool reports_changes = false;  ///< tell it of each change of queue or batch (fresh sensors)
  /// What the prefixes of requests point into, shared by the run's replicas; its block is a multiple of block_tokens.
  /// Null: no prefix cache.
  std::shared_ptr<const PrefixBlocks> prefixes{};
  KvOffloadSetup offload{};               ///< behind the prefix cache
  std::vector<MeasuredRange> measured{};  ///< what the step times rest on (sim/met_load.hpp)
};

/// What the deployment says of its replicas; the rest says their pool.
ReplicaSetup replica_setup(const ServingDeployment& deployment);

}  // namespace plimsoll
