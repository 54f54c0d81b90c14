// A made-up run that looks like a real one: a load that rises and falls over ten minutes, two replicas.
#pragma once

#include "core/random_stream.hpp"
#include "results/quantiles.hpp"
#include "results/run_facts.hpp"

namespace plimsoll::tests {

inline constexpr std::int64_t kSecond = 1'000'000'000;

/// Request `i` of a load of about 5 a second; a hump in the middle makes the queue long.
inline RequestFact plausible_request(const RandomStream& random, std::uint64_t i) {
  RequestFact request;
  request.arrival_ns = static_cast<std::int64_t>(i) * kSecond / 5;
  const double hump =
      request.arrival_ns > 250 * kSecond && request.arrival_ns < 330 * kSecond ? 8 : 1;
  const double u = random.uniform(i, 1);
  request.prompt_tokens = 50 + static_cast<std::int32_t>(3000 * u * u);
  request.output_tokens =
      1 + static_cast<std::int32_t>(600 * random.uniform(i, 2) * random.uniform(i, 3));
  const double ttft_s = (0.08 + 0.5 * random.uniform(i, 4) * u) * hump;
  const double tpot_s = 0.022 + 0.02 * random.uniform(i, 5) * random.uniform(i, 6);
  request.first_token_ns = request.arrival_ns + static_cast<std::int64_t>(ttft_s * 1e9);
  request.finish_ns = request.first_token_ns +
                      static_cast<std::int64_t>(tpot_s * 1e9) * (request.output_tokens - 1);
  request.status = RequestStatus::completed;
  return request;
}

/// The state at `time_ns` as the requests say; the rest follows the number of running ones.
inline PoolSample plausible_sample(const PoolFacts& pool, const PoolSample& before,
                                   std::int64_t time_ns) {
  PoolSample sample;
  sample.time_ns = time_ns;
  for (const RequestFact& request : pool.requests) {
    if (request.arrival_ns > time_ns) break;
    ++sample.arrived;
    if (request.finish_ns <= time_ns) {
      ++sample.completed;
      sample.output_tokens += static_cast<std::uint64_t>(request.output_tokens);
    } else if (request.first_token_ns <= time_ns) {
      ++sample.running;
    } else {
      ++sample.queued;
    }
  }
  sample.kv_used_blocks = sample.running * 90;
  const std::int64_t span = (time_ns - before.time_ns) * pool.replicas;
  sample.busy_ns =
      before.busy_ns +
      (sample.running > 20 ? span : span * static_cast<std::int64_t>(sample.running) / 20);
  return sample;
}

inline PoolFacts plausible_pool(const char* name) {
  PoolFacts pool;
  pool.name = name;
  pool.model = "llama-3.1-70b";
  pool.gpu = "nvidia_h100_sxm";
  pool.routing = "least_request";
  pool.replicas = 2;
  pool.gpus_per_replica = 4;
  pool.kv_blocks_per_replica = 4000;
  pool.kv_block_tokens = 16;
  pool.slo_ttft_ns = kSecond;
  pool.slo_tpot_ns = kSecond / 25;
  pool.price_usd_per_gpu_hour = 2.5;
  pool.idle_power_w = 110;
  pool.busy_power_w = {300, 420, 440, 460, 480, 500};
  pool.step_time_level = "closed form";
  pool.step_time_error = 0.12;
  const RandomStream random(1, name, "requests");
  for (std::uint64_t i = 0; i < 3000; ++i) {
    pool.requests.push_back(plausible_request(random, i));
    const auto gap =
        static_cast<std::int64_t>((0.02 + 0.02 * random.uniform(i, 7)) * kItlTicksPerSecond);
    pool.itl_runs.push_back({gap, 65536 * 200, 1 + static_cast<std::uint32_t>(i % 40), 8, 0});
  }
  PoolSample before;
  for (std::int64_t tick = 1; tick <= 620; ++tick) {
    before = plausible_sample(pool, before, tick * kSecond);
    pool.samples.push_back(before);
  }
  pool.replica_facts.resize(2);
  for (ReplicaFact& replica : pool.replica_facts) {
    replica.kv_peak_blocks = 3100;
    replica.busy_ns = {0, before.busy_ns / 8, before.busy_ns / 8, before.busy_ns / 4};
  }
  return pool;
}

inline RunFacts plausible_run() {
  RunFacts facts;
  facts.seed = 7;
  facts.version = "0.1.0";
  facts.digest = "0123456789abcdef0123456789abcdef";
  facts.scenario_yaml = "pools:\n  - name: chat\n    replicas: 2\n";
  facts.end_ns = 620 * kSecond;
  facts.horizon_ns = 600 * kSecond;
  facts.cluster_gpus = 16;
  facts.cluster_price_usd_per_hour = 40;
  facts.unused_idle_power_w = 880;
  facts.pools = {plausible_pool("chat")};
  return facts;
}

}  // namespace plimsoll::tests
