// Prefill and decode replicas against the plain reference, closed forms, and the laws of every run.
#include <algorithm>
#include <cmath>

#include "results/summary.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/disaggregated_pool.hpp"
#include "tests/oracle/global_list.hpp"
#include "workloads/step_time/linear.hpp"

using namespace plimsoll;
using oracle::DisaggregatedCase;

namespace {

template <class Executor>
RunFacts run_at(const DisaggregatedCase& c, EngineLevel level, Executor executor,
                std::uint32_t pools = 1) {
  Simulation simulation(oracle::disaggregated_plan(c, pools), level);
  while (simulation.advance(executor)) {
  }
  return simulation.take_facts();
}

RunFacts run(const DisaggregatedCase& c) {
  return run_at(c, EngineLevel::automatic, SerialExecutor{});
}

/// Everything drawn from `seed`: light or overloaded, roomy or short of KV blocks on either side, fast or slow links.
DisaggregatedCase random_case(std::uint64_t seed) {
  const RandomStream draw(seed, "tests/disaggregation", "case");
  std::uint64_t next = 0;
  const auto from = [&](std::uint32_t low, std::uint32_t high) {
    return static_cast<std::int32_t>(low + below(high - low + 1, draw.bits(next++)));
  };
  DisaggregatedCase random;
  const std::int32_t longest = from(0, 1) == 0 ? 60 : 900;
  LinearStepTime::Config law;
  law.base = ticks_from_seconds(1e-3) + from(0, 70'000);
  law.per_sequence = from(0, 3'000'000);
  law.per_context_token = from(0, 3) == 0 ? 0 : from(1, 200'000);
  law.per_prefill_token = from(0, 900'000);
  random.step_time = std::make_shared<LinearStepTime>(law);
  const std::int32_t block = from(0, 1) == 0 ? 16 : from(1, 7);
  const auto limits = [&] {
    oracle::ReplicaLimits each;
    each.max_num_seqs = from(1, 24);
    each.max_num_batched_tokens = each.max_num_seqs + from(1, 512);
    each.block_size = block;
    const std::int32_t one = (2 * longest) / block + 2;
    each.kv_blocks =
        from(0, 1) == 0 ? 100 * one : one + from(0, static_cast<std::uint32_t>(2 * one));
    return each;
  };
  random.limits.prefill = limits();
  random.limits.decode = limits();
  random.limits.prefill_replicas = static_cast<std::uint32_t>(from(1, 4));
  random.limits.decode_replicas = static_cast<std::uint32_t>(from(1, 4));
  random.limits.link.latency = Duration{from(2, 2'000'000)};
  random.limits.link.bandwidth = BytesPerSecond{from(0, 1) == 0 ? 1e9 : 1e7 * from(1, 50)};
  random.limits.link.per_token = Bytes{from(1, 20'000)};
  random.limits.link.layerwise_layers = from(0, 2) == 0 ? from(1, 80) : 0;
  random.limits.dispatch_ns = from(1, 1'000'000);
  random.limits.response_ns = from(1, 1'000'000);
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

/// One prefill and one decode replica, iterations of 1 ms + 10 us per prompt token, no other cost.
DisaggregatedCase plain_case() {
  DisaggregatedCase c;
  c.step_time = std::make_shared<LinearStepTime>(LinearStepTime::Config{
      .base = ticks_from_seconds(1e-3), .per_prefill_token = ticks_from_seconds(10e-6)});
  c.limits.prefill.kv_blocks = c.limits.decode.kv_blocks = 1000;
  c.limits.link = {Duration{500'000}, BytesPerSecond{1e9}, Bytes{10'000}, 0};
  c.limits.dispatch_ns = 200'000;
  c.limits.response_ns = 300'000;
  return c;
}

}  // namespace

TEST_CASE("prefill and decode replicas serve every request at the nanosecond of the reference",
          "[sim][disaggregation]") {
  std::uint64_t preemptions = 0;
  std::uint64_t waits = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    DisaggregatedCase random = random_case(seed);
    oracle::ReferenceDisaggregation reference(*random.step_time, random.limits);
    const std::vector<oracle::DisaggregatedOutcome> expected = reference.serve(random.arrivals);
    for (const bool macro_steps : {true, false}) {
      random.macro_steps = macro_steps;
      const RunFacts facts = run(random);
      const PoolFacts& pool = facts.pools.front();
      for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("seed " << seed << ", request " << i << ", macro-steps " << macro_steps);
        const RequestFact& request = pool.requests[i];
        REQUIRE(request.status == RequestStatus::completed);
        REQUIRE(request.first_token_ns == expected[i].first_token_ns);
        REQUIRE(request.finish_ns == expected[i].finish_ns);
        REQUIRE(request.preemptions == expected[i].preemptions);
        preemptions += request.preemptions;
      }
      for (const KvTransferFact& transfer : pool.kv_transfers) {
        INFO("seed " << seed << ", transfer of request " << transfer.request);
        const oracle::DisaggregatedOutcome& outcome = expected[transfer.request];
        REQUIRE(transfer.to == outcome.decode_replica);
        REQUIRE(transfer.prefilled_ns == outcome.prefilled_ns);
        REQUIRE(transfer.begin_ns == outcome.asked_ns);
        REQUIRE(transfer.end_ns == outcome.received_ns);
        waits += transfer.begin_ns - transfer.prefilled_ns > 100'000'000;
      }
      REQUIRE(check_conservation(facts).empty());
    }
  }
  CHECK(preemptions > 1000);  // the workloads do run short of blocks
  CHECK(waits > 1000);        // and prompts do wait for blocks of a decode replica
}

TEST_CASE("all engines give one digest with prefill and decode replicas", "[sim][disaggregation]") {
  for (const std::string& policy : builtin_policies().routing_names()) {
    for (const std::uint64_t seed : {3u, 4u, 9u}) {
      INFO("policy " << policy << ", seed " << seed);
      DisaggregatedCase c = random_case(seed);
      c.policy = policy;
      DisaggregatedCase plain = c;
      plain.macro_steps = false;
      const std::string expected =
          oracle::GlobalList(oracle::disaggregated_plan(plain, 3)).run().digest;
      CHECK(run_at(c, EngineLevel::serial, SerialExecutor{}, 3).digest == expected);
      CHECK(run_at(c, EngineLevel::window, SerialExecutor{}, 3).digest == expected);
      CHECK(run_at(plain, EngineLevel::automatic, SerialExecutor{}, 3).digest == expected);
      for (const unsigned threads : {1u, 2u, 3u, 8u}) {
        CHECK(run_at(c, EngineLevel::automatic, ThreadExecutor(threads), 3).digest == expected);
        CHECK(run_at(c, EngineLevel::parallel, ThreadExecutor(threads), 3).digest == expected);
      }
    }
  }
}

TEST_CASE("prefill-first engines and several attention ranks hand over and keep every law",
          "[sim][disaggregation][law]") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    DisaggregatedCase c = random_case(seed);
    c.scheduler = seed % 2 == 0 ? SchedulerKind::prefill_first : SchedulerKind::mixed;
    c.ranks = static_cast<std::int32_t>(1 + seed % 3);
    c.observe_interval = Duration{50'000'000};
    const RunFacts facts = run(c);
    INFO("seed " << seed);
    REQUIRE(check_conservation(facts) == std::vector<std::string>{});
    const PoolFacts& pool = facts.pools.front();
    REQUIRE(pool.samples.back().completed == c.arrivals.size());
    REQUIRE(pool.samples.back().kv_used_blocks == 0);
    std::uint64_t gaps = 0;
    for (const ItlRun& each : pool.itl_runs) gaps += std::uint64_t{each.count} * each.sequences;
    std::uint64_t expected = 0;
    for (const RequestFact& request : pool.requests) {
      expected += static_cast<std::uint64_t>(request.output_tokens - 1);
    }
    REQUIRE(gaps == expected);
    REQUIRE(oracle::GlobalList(oracle::disaggregated_plan(c)).run().digest == facts.digest);
    c.macro_steps = false;
    REQUIRE(run(c).digest == facts.digest);
  }
}

TEST_CASE("one request alone: each milestone in closed form", "[sim][disaggregation]") {
  DisaggregatedCase c = plain_case();
  c.arrivals = {{at_ns(1'000'000), 100, 11}};
  const RunFacts facts = run(c);
  const PoolFacts& pool = facts.pools.front();
  const RequestFact& request = pool.requests.front();
  REQUIRE(pool.kv_transfers.size() == 1);
  const KvTransferFact& transfer = pool.kv_transfers.front();
  // Dispatch 0.2 ms, one iteration of 1 ms + 100 x 10 us.
  CHECK(transfer.prefilled_ns == 1'000'000 + 200'000 + 2'000'000);
  // Response 0.3 ms, dispatch 0.2 ms: the decode replica is idle, has blocks, and asks at once.
  CHECK(transfer.begin_ns == transfer.prefilled_ns + 500'000);
  // Latency 0.5 ms, 100 x 10,000 B at 1 GB/s.
  CHECK(transfer.bytes == 1'000'000);
  CHECK(transfer.end_ns == transfer.begin_ns + 500'000 + 1'000'000);
  // It joins the batch at once and streams the first token; ten iterations of 1 ms make the others.
  CHECK(request.first_token_ns == transfer.end_ns + 300'000);
  CHECK(request.finish_ns == request.first_token_ns + 10'000'000);
  CHECK(request.replica == 0);
  CHECK(transfer.from == 0);
  CHECK(transfer.to == 1);
  CHECK(pool.replica_facts[0].prefill_tokens == 100);
  CHECK(pool.replica_facts[1].prefill_tokens == 0);
  CHECK(pool.replica_facts[1].iterations == 10);
  CHECK(pool.samples.back().output_tokens == 11);
}

TEST_CASE("an answer of one token needs no decode replica", "[sim][disaggregation]") {
  DisaggregatedCase c = plain_case();
  c.arrivals = {{at_ns(0), 100, 1}};
  const RunFacts facts = run(c);
  const PoolFacts& pool = facts.pools.front();
  CHECK(pool.kv_transfers.empty());
  CHECK(pool.requests.front().finish_ns == 200'000 + 2'000'000 + 300'000);
}

TEST_CASE("sent layer by layer, prefill and transfer take as long as the longer of the two",
          "[sim][disaggregation]") {
  DisaggregatedCase c = plain_case();
  c.limits.link.layerwise_layers = 10;
  c.arrivals = {{at_ns(0), 100, 5}};
  const auto transfer_ns = [&](double bandwidth) {
    c.limits.link.bandwidth = BytesPerSecond{bandwidth};
    const RunFacts facts = run(c);
    const KvTransferFact& transfer = facts.pools.front().kv_transfers.front();
    return transfer.end_ns - transfer.begin_ns - 500'000;
  };
  CHECK(transfer_ns(1e9) == 100'000);    // all but the last of ten layers went during the 2 ms
  CHECK(transfer_ns(1e8) == 8'000'000);  // 10 ms in all, 2 of them during the prefill
}

TEST_CASE("transfers that leave one prefill replica together take twice as long each",
          "[sim][disaggregation]") {
  DisaggregatedCase c = plain_case();
  c.limits.decode_replicas = 2;
  c.arrivals = {{at_ns(0), 100, 5}, {at_ns(0), 100, 5}};
  const RunFacts facts = run(c);
  const PoolFacts& pool = facts.pools.front();
  REQUIRE(pool.kv_transfers.size() == 2);
  CHECK(pool.kv_transfers[0].to != pool.kv_transfers[1].to);
  for (const KvTransferFact& transfer : pool.kv_transfers) {
    CHECK(transfer.end_ns - transfer.begin_ns == 500'000 + 2'000'000);
  }
}

TEST_CASE("a prompt waits on its prefill replica until the decode replica has blocks",
          "[sim][disaggregation]") {
  DisaggregatedCase c = plain_case();
  c.limits.decode.kv_blocks = 8;  // one request of 100 + 5 tokens, not two
  c.arrivals = {{at_ns(0), 100, 5}, {at_ns(0), 100, 5}};
  c.observe_interval = Duration{1'000'000};
  const RunFacts facts = run(c);
  const PoolFacts& pool = facts.pools.front();
  CHECK(pool.kv_transfers[1].begin_ns == pool.requests[0].finish_ns - 300'000);
  CHECK(check_conservation(facts).empty());
  std::uint64_t most = 0;
  for (const PoolSample& sample : pool.samples) most = std::max(most, sample.transferring);
  CHECK(most == 2);
  CHECK(pool.samples.back().transferring == 0);
  CHECK(pool.samples.back().kv_used_blocks == 0);
}

TEST_CASE("every request is counted at every instant, and stopping keeps the counts",
          "[sim][disaggregation][law]") {
  std::uint64_t transferring = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    DisaggregatedCase c = random_case(seed);
    c.observe_interval = Duration{3'700'001};
    c.drain = false;
    c.horizon = at_ns(to_ns(c.arrivals[80].at) + 1);
    const RunFacts facts = run(c);
    INFO("seed " << seed);
    REQUIRE(check_conservation(facts) == std::vector<std::string>{});
    transferring += facts.pools.front().samples.back().transferring;
    c.drain = true;
    const RunFacts drained = run(c);
    REQUIRE(check_conservation(drained) == std::vector<std::string>{});
    REQUIRE(drained.pools.front().samples.back().kv_used_blocks == 0);
  }
  CHECK(transferring > 100);
}

TEST_CASE("a simulation with prefill replicas copied at a tick goes on as the original does",
          "[sim][disaggregation]") {
  DisaggregatedCase c = random_case(4);
  c.observe_interval = Duration{20'000'000};
  const std::string expected = run(c).digest;
  SerialExecutor executor;
  Simulation original(oracle::disaggregated_plan(c));
  for (int tick = 0; tick < 5; ++tick) REQUIRE(original.advance(executor));
  Simulation copy = original;
  while (original.advance(executor)) {
  }
  while (copy.advance(executor)) {
  }
  CHECK(original.take_facts().digest == expected);
  CHECK(copy.take_facts().digest == expected);
}

TEST_CASE("more bandwidth never ends a transfer later", "[sim][disaggregation][law]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    DisaggregatedCase c = random_case(seed);
    c.arrivals.resize(1);
    const auto transfer_ns = [&](double bandwidth) {
      c.limits.link.bandwidth = BytesPerSecond{bandwidth};
      const RunFacts facts = run(c);
      const std::vector<KvTransferFact>& transfers = facts.pools.front().kv_transfers;
      return transfers.empty() ? 0 : transfers.front().end_ns;
    };
    INFO("seed " << seed);
    CHECK(transfer_ns(2e9) <= transfer_ns(1e9));
  }
}
