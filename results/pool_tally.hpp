// What one pass over the facts of a pool yields: the counts, sums and latency values that its summary is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll {

struct PoolTally {
  const PoolFacts* pool = nullptr;

  std::uint64_t arrived = 0;
  std::uint64_t completed = 0;
  std::uint64_t rejected = 0;
  std::uint64_t preemptions = 0;
  std::uint64_t met_ttft =
      0;  ///< completed within the pool's TTFT objective; all of them without one
  std::uint64_t met_tpot = 0;  ///< likewise; an output of one token has no TPOT and meets it
  std::uint64_t met_all = 0;
  std::uint64_t prompt_tokens = 0;  ///< of requests that have their first token
  std::uint64_t cached_tokens = 0;  ///< of these prompts, found in the prefix cache
  std::uint64_t output_tokens = 0;  ///< produced by finished iterations

  std::vector<std::int64_t> ttft_ns;  ///< of completed requests, in order of arrival
  std::vector<std::int64_t>
      tpot_ns;  ///< rounded to whole nanoseconds; outputs of one token left out
  std::vector<std::int64_t> e2e_ns;
  std::vector<std::int64_t> kv_transfer_ns;  ///< of transfers that have ended: from begin to end
  std::vector<std::int64_t> kv_transfer_wait_ns;  ///< of the same: from prefilled to begin

  std::uint64_t gpus = 0;
  std::vector<std::int64_t> busy_ns;  ///< [n]: replica time in iterations with n sequences
  std::int64_t busy_total_ns = 0;     ///< replica time in iterations
  double gpu_busy_s = 0;              ///< the same in GPU seconds
  double kv_use_mean = 0;             ///< share of the pool's blocks over time
  double kv_use_peak = 0;             ///< share of its blocks of the fullest replica at its fullest
  std::optional<double>
      energy_j;  ///< of the pool's GPUs, busy and idle; nothing without busy_power_w
};

/// One pool over a run that ended at `end_ns`.
PoolTally tally(const PoolFacts& pool, std::int64_t end_ns);

}  // namespace plimsoll
