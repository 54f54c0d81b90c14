// Small pools with prefill and decode replicas, for tests: everything that the reference knows too.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/random_stream.hpp"
#include "policies/registry.hpp"
#include "sim/simulation.hpp"
#include "tests/oracle/reference_disaggregation.hpp"
#include "traces/trace_stream.hpp"

namespace plimsoll::oracle {

struct DisaggregatedCase {
  std::shared_ptr<const StepTimeModel> step_time;
  DisaggregatedLimits limits;
  std::vector<Arrival> arrivals;
  std::string policy = "round_robin";
  bool macro_steps = true;
  SchedulerKind scheduler = SchedulerKind::mixed;  ///< the reference knows this one alone
  std::int32_t ranks = 1;                          ///< likewise
  bool drain = true;
  std::optional<SimTime> horizon;
  Duration observe_interval{700'000'000};
};

inline ReplicaSetup replica_of(const DisaggregatedCase& c, const ReplicaLimits& limits) {
  ReplicaSetup replica;
  replica.step_time = c.step_time;
  replica.scheduler = c.scheduler;
  replica.ranks = c.ranks;
  replica.max_num_seqs = limits.max_num_seqs;
  replica.max_num_batched_tokens = limits.max_num_batched_tokens;
  replica.block_tokens = limits.block_size;
  replica.kv_blocks = limits.kv_blocks;
  replica.response_latency = Duration{c.limits.response_ns};
  replica.macro_steps = c.macro_steps;
  return replica;
}

inline PoolPlan disaggregated_pool(const DisaggregatedCase& c, std::uint32_t index,
                                   std::uint32_t first_id) {
  static const PolicyRegistry registry = builtin_policies();
  PoolPlan plan;
  plan.policy = registry.routing(c.policy)->make({1, fmt::format("pools/p{}/gateway", index)});
  const ViewColumns columns = plan.policy->columns();
  PoolSetup pool;
  pool.first_id = first_id;
  pool.constants.name = fmt::format("p{}", index);
  pool.constants.replicas = c.limits.decode_replicas;
  pool.constants.kv_blocks_per_replica =
      static_cast<std::uint64_t>(c.limits.decode.kv_blocks * c.ranks);
  pool.constants.prefill.replicas = c.limits.prefill_replicas;
  pool.constants.prefill.kv_blocks_per_replica =
      static_cast<std::uint64_t>(c.limits.prefill.kv_blocks * c.ranks);
  pool.gateway.pool = pool.constants.name;
  for (std::uint32_t row = 0; row < c.limits.prefill_replicas; ++row) {
    pool.gateway.replicas.push_back(fmt::format("p{}-prefill-{:02}", index, row));
  }
  pool.gateway.dispatch_latency = Duration{c.limits.dispatch_ns};
  pool.gateway.max_model_len = 100'000;
  if (reads(columns, ViewColumns::scraped_load)) {
    pool.gateway.sensors = {Duration{50'000'000}, Duration{2'000'000}, 1};
  }
  pool.replica = replica_of(c, c.limits.prefill);
  pool.replica.gateway = pool.gateway_id();
  pool.replica.reports_responses = reads(columns, ViewColumns::in_flight);
  DecodeSetup decode;
  decode.replica = replica_of(c, c.limits.decode);
  decode.replicas = c.limits.decode_replicas;
  decode.transfers.link = c.limits.link;
  pool.decode = decode;
  pool.join_roles();
  plan.setup = std::make_shared<const PoolSetup>(std::move(pool));
  plan.arrivals =
      std::make_unique<TraceStream>(std::make_shared<const std::vector<Arrival>>(c.arrivals));
  return plan;
}

inline RunPlan disaggregated_plan(const DisaggregatedCase& c, std::uint32_t pools = 1) {
  RunPlan plan;
  plan.observe_interval = c.observe_interval;
  plan.horizon = c.horizon;
  plan.drain = c.drain;
  std::uint32_t first_id = 1;
  for (std::uint32_t i = 0; i < pools; ++i) {
    plan.pools.push_back(disaggregated_pool(c, i, first_id));
    first_id = plan.pools.back().setup->end_id();
  }
  return plan;
}

}  // namespace plimsoll::oracle
