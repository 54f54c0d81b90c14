// A request on its way through a replica: on the wire, in the queue, finished.
#pragma once

#include <cstdint>

#include "core/time.hpp"
#include "results/run_facts.hpp"
#include "workloads/prefix_blocks.hpp"

namespace plimsoll {

/// A request on the wire from the gateway to a replica.
struct Dispatch {
  SimTime lands_at{};
  std::uint32_t request = 0;  ///< the pool's running number
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
  PrefixSpan prefix{};         ///< of ReplicaSetup::prefixes
  std::uint32_t transfer = 0;  ///< of its KV cache; to a decode replica
};

/// A request in a replica's queue.
struct QueuedRequest {
  std::uint32_t request = 0;
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
  std::int32_t produced = 0;  ///< tokens produced before a preemption
  std::uint16_t preemptions = 0;
  std::uint32_t transfer = 0;             ///< of its KV cache; in a decode replica
  std::int64_t first_token_ns = kNoTime;  ///< as the gateway sees it
  std::int64_t last_token_ns = kNoTime;   ///< as the replica produced it
  PrefixSpan prefix{};
  std::int32_t cached_tokens = 0;  ///< of the prompt, found when it was first admitted
};

/// A request that a prefill replica has prefilled, and whose KV cache it holds.
struct HeldRequest {
  std::uint32_t request = 0;
  std::uint16_t preemptions = 0;
  std::uint16_t slot = 0;  ///< that has its blocks
  std::int32_t cached_tokens = 0;
  Duration prefill{};  ///< from the beginning of its first iteration to the end of its last
  SimTime prefilled_at{};
};

/// A request that a replica has finished; times as the gateway sees them.
struct FinishedRequest {
  std::uint32_t request = 0;
  std::uint16_t preemptions = 0;
  std::int64_t first_token_ns = kNoTime;
  std::int64_t finish_ns = kNoTime;
  std::int32_t cached_tokens = 0;
};

}  // namespace plimsoll
