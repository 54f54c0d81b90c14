// What the reference replica is given, and what it tells: requests and steps.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kv_offload.hpp"
#include "workloads/prefix_blocks.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll::oracle {

struct ReplicaLimits {
  std::int32_t max_num_seqs = 256;
  std::int32_t max_num_batched_tokens = 8192;
  std::int32_t block_size = 16;
  std::int64_t kv_blocks = 0;
  const PrefixBlocks* prefixes = nullptr;  ///< null: no prefix cache
  bool prefill_first = false;
  std::int32_t ranks = 1;
  KvOffloadSetup offload{};
};

/// What happened to one request.
struct RequestOutcome {
  std::int64_t first_token_ns = -1;
  std::int64_t finish_ns = -1;
  std::int32_t preemptions = 0;
  std::int32_t cached_tokens = 0;      ///< found when it was first admitted
  std::vector<std::int64_t> token_ns;  ///< when each token was out
  std::vector<Ticks> gap_ticks;        ///< exact time between tokens; one fewer than tokens
};

/// One iteration; of several ranks, sums and the longest duration.
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

}  // namespace plimsoll::oracle
