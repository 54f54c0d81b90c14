// Small runs with everything in them, for tests that compare engines: random arrivals, a linear step-time model, any
// routing policy.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "core/random_stream.hpp"
#include "policies/registry.hpp"
#include "sim/simulation.hpp"
#include "tests/oracle/random_prefixes.hpp"
#include "traces/trace_stream.hpp"
#include "workloads/step_time/linear.hpp"

namespace plimsoll::oracle {

/// What varies between small runs.
struct SmallRun {
  std::string policy = "least_request";
  std::uint32_t pools = 1;
  std::uint32_t replicas = 6;
  std::uint64_t seed = 1;
  std::uint32_t requests = 1500;
  std::int64_t mean_gap_ns = 4'000'000;
  std::int64_t kv_blocks = 400;
  Duration sensor_period{50'000'000};
  Duration sensor_delay{2'000'000};
  std::int64_t phase_groups = 1;
  bool fresh_sensors = false;
  bool macro_steps = true;
  bool drain = true;
  std::optional<SimTime> horizon;
  bool prefixes = false;  ///< conversations that a prefix cache finds again
  SchedulerKind scheduler = SchedulerKind::mixed;
  std::int32_t ranks = 1;
  Duration front_end{};
};

inline std::vector<Arrival> random_arrivals(const SmallRun& run, std::uint32_t pool) {
  const RandomStream draw(run.seed, fmt::format("pools/p{}", pool), "arrivals");
  std::vector<Arrival> arrivals;
  std::int64_t now_ns = 0;
  for (std::uint32_t i = 0; i < run.requests; ++i) {
    // Whole microseconds, and sometimes the same one: ties are part of the test.
    now_ns += 1000 * static_cast<std::int64_t>(
                         below(static_cast<std::uint32_t>(run.mean_gap_ns / 500), draw.bits(i)));
    arrivals.push_back({at_ns(now_ns), 1 + static_cast<std::int32_t>(below(900, draw.bits(i, 1))),
                        1 + static_cast<std::int32_t>(below(300, draw.bits(i, 2)))});
  }
  return arrivals;
}

inline std::shared_ptr<const PoolSetup> small_pool(const SmallRun& run, std::uint32_t index,
                                                   std::uint32_t first_id, ViewColumns columns,
                                                   std::shared_ptr<const PrefixBlocks> prefixes) {
  PoolSetup pool;
  pool.replica.prefixes = std::move(prefixes);
  pool.first_id = first_id;
  pool.constants.name = fmt::format("p{}", index);
  pool.constants.replicas = run.replicas;
  pool.gateway.pool = pool.constants.name;
  for (std::uint32_t row = 0; row < run.replicas; ++row) {
    pool.gateway.replicas.push_back(fmt::format("p{}-{:02}", index, row));
  }
  pool.gateway.dispatch_latency = Duration{500'000};
  pool.gateway.max_model_len = 1150;  // the longest requests are rejected or cut
  const bool scraped = reads(columns, ViewColumns::scraped_load);
  pool.gateway.fresh_sensors = scraped && run.fresh_sensors;
  if (scraped && !run.fresh_sensors) {
    pool.gateway.sensors = {run.sensor_period, run.sensor_delay, run.phase_groups};
  }
  pool.replica.step_time = std::make_shared<LinearStepTime>(LinearStepTime::Config{
      ticks_from_seconds(6e-3), ticks_from_seconds(25e-6), ticks_from_seconds(20e-9),
      ticks_from_seconds(12e-6), ticks_from_seconds(6.3e-3)});
  pool.replica.scheduler = run.scheduler;
  pool.replica.ranks = run.ranks;
  pool.replica.front_end = run.front_end;
  pool.replica.max_num_seqs = 24;
  pool.replica.max_num_batched_tokens = 512;
  pool.replica.kv_blocks = run.kv_blocks;
  pool.replica.gateway = first_id + 1;
  pool.replica.response_latency = Duration{1'000'000};
  pool.replica.macro_steps = run.macro_steps;
  pool.replica.measured = {{LoadQuantity::step_tokens, "steps", 0, 500},
                           {LoadQuantity::sequences, "batches", 0, 1},
                           {LoadQuantity::prompt_tokens, "prompts", 0, 700},
                           {LoadQuantity::context_tokens, "contexts", 0, 900},
                           {LoadQuantity::requests_in_flight, "anchor", 1e6, 1e6}};
  pool.replica.reports_responses = reads(columns, ViewColumns::in_flight);
  pool.replica.reports_changes = pool.gateway.fresh_sensors;
  return std::make_shared<const PoolSetup>(std::move(pool));
}

inline RunPlan small_plan(const SmallRun& run) {
  static const PolicyRegistry registry = builtin_policies();
  RunPlan plan;
  plan.observe_interval = Duration{700'000'000};
  plan.horizon = run.horizon;
  plan.drain = run.drain;
  std::uint32_t first_id = 1;
  for (std::uint32_t i = 0; i < run.pools; ++i) {
    PoolPlan pool;
    pool.policy =
        registry.routing(run.policy)->make({run.seed, fmt::format("pools/p{}/gateway", i)});
    std::vector<Arrival> arrivals = random_arrivals(run, i);
    std::shared_ptr<const PrefixBlocks> prefixes;
    if (run.prefixes) {
      const RandomStream draw(run.seed, fmt::format("pools/p{}", i), "prefixes");
      prefixes = give_prefixes(arrivals, 32, 6, draw);
    }
    pool.setup = small_pool(run, i, first_id, pool.policy->columns(), prefixes);
    pool.arrivals = std::make_unique<TraceStream>(
        std::make_shared<const std::vector<Arrival>>(std::move(arrivals)), prefixes);
    first_id = pool.setup->end_id();
    plan.pools.push_back(std::move(pool));
  }
  return plan;
}

}  // namespace plimsoll::oracle
