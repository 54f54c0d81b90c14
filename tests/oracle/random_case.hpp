// A random workload and engine for one replica: light or overloaded, roomy or short of KV blocks.
#pragma once

#include <memory>
#include <vector>

#include "core/random_stream.hpp"
#include "sim/replica_setup.hpp"
#include "workloads/arrival_stream.hpp"
#include "workloads/step_time/linear.hpp"

namespace plimsoll::oracle {

struct RandomCase {
  ReplicaSetup setup;
  std::vector<Arrival> arrivals;
};

/// All of it drawn from `seed`.
inline RandomCase random_case(std::uint64_t seed) {
  const RandomStream draw(seed, "tests/replica", "case");
  std::uint64_t next = 0;
  const auto from = [&](std::uint32_t low, std::uint32_t high) {
    return static_cast<std::int32_t>(low + below(high - low + 1, draw.bits(next++)));
  };
  RandomCase random;
  const std::int32_t longest = from(0, 1) == 0 ? 60 : 900;
  LinearStepTime::Config law;
  law.base = ticks_from_seconds(1e-3) + from(0, 70000);
  law.per_sequence = from(0, 3'000'000);
  law.per_context_token = from(0, 3) == 0 ? 0 : from(1, 200'000);
  law.per_prefill_token = from(0, 900'000);
  if (from(0, 2) == 0) law.host_floor = law.base + from(1, 400'000'000);
  random.setup.step_time = std::make_shared<LinearStepTime>(law);
  random.setup.max_num_seqs = from(1, 24);
  random.setup.max_num_batched_tokens = random.setup.max_num_seqs + from(1, 512);
  random.setup.block_tokens = from(0, 1) == 0 ? 16 : from(1, 7);
  const std::int32_t one = (2 * longest) / random.setup.block_tokens + 2;
  random.setup.kv_blocks = from(0, 1) == 0 ? 100 * one : one + from(0, 3 * one);
  random.setup.response_latency = Duration{from(1, 1000)};
  std::int64_t now_ns = 0;
  const std::uint32_t gap_ns = from(0, 1) == 0 ? 2'000'000u : 60'000'000u;
  for (std::int32_t i = 0; i < 120; ++i) {
    const bool burst = from(0, 4) == 0;
    if (!burst) now_ns += from(0, gap_ns);
    random.arrivals.push_back({at_ns(now_ns), from(1, static_cast<std::uint32_t>(longest)),
                               from(1, static_cast<std::uint32_t>(longest))});
  }
  return random;
}

}  // namespace plimsoll::oracle
