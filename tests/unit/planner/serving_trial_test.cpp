// A trial of one replica: laws of closed and open loops, and equality with a pool of one replica.
#include "planner/serving_trial.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exponential.hpp"
#include "core/random_stream.hpp"
#include "policies/registry.hpp"
#include "sim/simulation.hpp"
#include "tests/catch.hpp"
#include "tests/unit/planner/small_deployment.hpp"
#include "traces/trace_stream.hpp"

using namespace plimsoll;

namespace {

std::vector<TrialRequest> equal_requests(std::size_t count, std::int32_t prompt,
                                         std::int32_t output) {
  return std::vector<TrialRequest>(count, {prompt, output, {}});
}

std::vector<TrialRequest> random_requests(std::size_t count, std::uint64_t seed) {
  const RandomStream draw(seed, "tests/trial", "requests");
  std::vector<TrialRequest> requests;
  std::int64_t now_ns = 0;
  for (std::size_t i = 0; i < count; ++i) {
    now_ns += below(40'000'000, draw.bits(i, 2));
    requests.push_back({1 + static_cast<std::int32_t>(below(900, draw.bits(i, 0))),
                        1 + static_cast<std::int32_t>(below(300, draw.bits(i, 1))), at_ns(now_ns)});
  }
  return requests;
}

/// The same replica behind a gateway, as runs have it.
PoolFacts serve_by_pool(const ServingDeployment& deployment,
                        const std::vector<TrialRequest>& requests) {
  PoolSetup setup;
  setup.first_id = 1;
  setup.gateway.pool = "one";
  setup.gateway.replicas = {"one-0"};
  setup.gateway.max_model_len = deployment.max_model_len;
  setup.replica.step_time = deployment.step_time;
  setup.replica.scheduler = deployment.scheduler;
  setup.replica.ranks = deployment.parallelism.data;
  setup.replica.front_end = deployment.front_end;
  setup.replica.front_end_per_token_s = deployment.front_end_per_token_s;
  setup.replica.max_num_seqs = deployment.max_num_seqs;
  setup.replica.max_num_batched_tokens = deployment.max_num_batched_tokens;
  setup.replica.block_tokens = deployment.block_size;
  setup.replica.kv_blocks = deployment.kv_blocks;
  setup.replica.gateway = setup.gateway_id();
  setup.constants.name = "one";
  setup.constants.replicas = 1;
  std::vector<Arrival> arrivals;
  for (const TrialRequest& request : requests)
    arrivals.push_back({request.at, request.prompt_tokens, request.output_tokens});
  static const PolicyRegistry registry = builtin_policies();
  RunPlan plan;
  plan.observe_interval = Duration{1'000'000'000};
  plan.drain = true;
  PoolPlan pool;
  pool.policy = registry.routing("round_robin")->make({1, "pools/one/gateway"}, {});
  pool.setup = std::make_shared<const PoolSetup>(std::move(setup));
  pool.arrivals =
      std::make_unique<TraceStream>(std::make_shared<const std::vector<Arrival>>(arrivals));
  plan.pools.push_back(std::move(pool));
  Simulation simulation(std::move(plan), EngineLevel::serial);
  SerialExecutor executor;
  while (simulation.advance(executor)) {
  }
  return simulation.take_facts().pools.front();
}

}  // namespace

TEST_CASE("one client alone waits for the front end and the prefill step, then for decode steps",
          "[planner][trial]") {
  ServingDeployment deployment = small_deployment(small_law());
  deployment.front_end = from_seconds(2e-3);
  deployment.front_end_per_token_s = 1e-6;
  const auto requests = equal_requests(3, 1000, 11);
  const auto outcomes = run_trial(deployment, requests, 1);
  double expected_tpot = 0;
  for (int i = 0; i < 10; ++i) expected_tpot += (5e-3 + 50e-6 + 40e-9 * (1001 + i)) / 10;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    CHECK(outcomes[i].ttft_s() == Approx(2e-3 + 1e-3 + 5e-3 + 20e-3).epsilon(1e-6));
    CHECK(outcomes[i].tpot_s(11) == Approx(expected_tpot).epsilon(1e-6));
    if (i > 0) CHECK(outcomes[i].sent == outcomes[i - 1].finish);
  }
  CHECK(std::isnan(outcomes[0].tpot_s(1)));
}

TEST_CASE("an open trial is what a pool of one replica does, a dispatch later",
          "[planner][trial]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ServingDeployment deployment = small_deployment(small_law());
    deployment.max_num_seqs = 24;
    deployment.max_num_batched_tokens = 512;
    if (seed % 2 == 0) deployment.kv_blocks = 90;
    if (seed % 3 == 0) deployment.front_end = from_seconds(4e-3);
    if (seed % 5 == 0) deployment.parallelism.data = 2;
    if (seed % 7 == 0) deployment.scheduler = SchedulerKind::prefill_first;
    deployment.max_model_len = 1300;
    const auto requests = random_requests(300, seed);
    const auto outcomes = run_trial(deployment, requests, 0);
    const PoolFacts facts = serve_by_pool(deployment, requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      INFO("seed " << seed << ", request " << i);
      // The gateway adds 1 ns on the way there and 1 ns back; both are whole numbers.
      REQUIRE(facts.requests[i].first_token_ns == to_ns(outcomes[i].first_token) + 2);
      REQUIRE(facts.requests[i].finish_ns == to_ns(outcomes[i].finish) + 2);
    }
  }
}

TEST_CASE("clients of a closed loop never have more than one request each", "[planner][trial]") {
  const ServingDeployment deployment = small_deployment(small_law());
  const auto requests = random_requests(400, 7);
  for (const std::int32_t concurrency : {1, 5, 64, 400, 1000}) {
    const auto outcomes = run_trial(deployment, requests, concurrency);
    std::vector<std::pair<SimTime, int>> changes;
    for (const TrialOutcome& outcome : outcomes) {
      CHECK(outcome.sent < outcome.first_token);
      CHECK(outcome.first_token <= outcome.finish);
      changes.push_back({outcome.sent, +1});
      changes.push_back({outcome.finish, -1});
    }
    std::sort(changes.begin(), changes.end());  // answers before the requests of their instant
    int open = 0;
    int most = 0;
    for (const auto& [at, change] : changes) most = std::max(most, open += change);
    CHECK(most == std::min<int>(concurrency, 400));
    CHECK(open == 0);
  }
}

TEST_CASE("a closed loop answers clients / latency requests per second", "[planner][trial]") {
  const ServingDeployment deployment = small_deployment(small_law());
  const auto requests = random_requests(2000, 3);
  double before = 0;
  for (const std::int32_t concurrency : {1, 4, 16, 64}) {
    const TrialSummary summary = summarize(requests, run_trial(deployment, requests, concurrency));
    // Little's law; clients that find no more requests stop early, so the end of the trial is short of them.
    const double rate = 2000 / summary.duration_s;
    CHECK(rate * summary.mean_e2e_s == Approx(concurrency).epsilon(0.04));
    CHECK(summary.output_tokens_per_s > before);
    before = summary.output_tokens_per_s;
  }
}

TEST_CASE("a front end that takes one request at a time bounds the rate", "[planner][trial]") {
  ServingDeployment deployment = small_deployment(small_law());
  deployment.front_end = from_seconds(0.5);
  const auto requests = equal_requests(100, 10, 2);
  const TrialSummary summary = summarize(requests, run_trial(deployment, requests, 8));
  CHECK(summary.duration_s == Approx(50).epsilon(0.01));
  CHECK(summary.median_ttft_s == Approx(8 * 0.5).epsilon(0.05));
}

TEST_CASE("one-token requests at random times through batches of one wait as in M/D/1",
          "[planner][trial]") {
  LinearStepTime::Config law;
  law.base = ticks_from_seconds(10e-3);
  ServingDeployment deployment = small_deployment(law);
  deployment.max_num_seqs = 1;
  const RandomStream draw(5, "tests/trial", "poisson");
  const double load = 0.7;
  std::vector<TrialRequest> requests;
  SimTime now{};
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    now += exponential(from_seconds(10e-3 / load), draw.bits(i));
    requests.push_back({1, 1, now});
  }
  const TrialSummary summary = summarize(requests, run_trial(deployment, requests, 0));
  const double wait_s = load * 10e-3 / (2 * (1 - load));  // Pollaczek-Khinchine
  CHECK(summary.mean_ttft_s == Approx(10e-3 + wait_s).epsilon(0.02));
}

TEST_CASE("a shared prefix is computed once where prefixes are cached", "[planner][trial]") {
  ServingDeployment deployment = small_deployment(small_law());
  auto requests = equal_requests(4, 1000, 2);
  for (TrialRequest& request : requests) request.prefix_tokens = 810;
  deployment.prefix_caching = true;
  const auto cached = run_trial(deployment, requests, 1);
  CHECK(cached[0].ttft_s() == Approx(5e-3 + 20e-3));
  CHECK(cached[1].ttft_s() == Approx(5e-3 + 20e-6 * (1000 - 800)));  // whole blocks of 16
  deployment.prefix_caching = false;
  CHECK(run_trial(deployment, requests, 1)[1].ttft_s() == Approx(5e-3 + 20e-3));
}

TEST_CASE("quantiles of a trial are numpy's, and a trial without gaps has no TPOT",
          "[planner][trial]") {
  std::vector<TrialRequest> requests;
  std::vector<TrialOutcome> outcomes;
  for (const std::int64_t ttft_s : {4, 1, 3, 2}) {
    requests.push_back({1, 1, {}});
    outcomes.push_back({at_ns(0), at_ns(ttft_s * 1'000'000'000), at_ns(ttft_s * 1'000'000'000)});
  }
  const TrialSummary summary = summarize(requests, outcomes);
  CHECK(summary.median_ttft_s == Approx(2.5));
  CHECK(summary.p99_ttft_s == Approx(3.97));
  CHECK(summary.mean_ttft_s == Approx(2.5));
  CHECK(summary.output_tokens_per_s == Approx(1));
  CHECK(std::isnan(summary.mean_tpot_s));
}

TEST_CASE("a trial refuses what the deployment does not serve, by request", "[planner][trial]") {
  const ServingDeployment deployment = small_deployment(small_law());
  auto requests = equal_requests(3, 100, 10);
  const auto message = [&](std::int32_t concurrency) -> std::string {
    try {
      run_trial(deployment, requests, concurrency);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message(2).empty());
  CHECK(message(-1).find("concurrency = -1") != std::string::npos);
  requests[1].prompt_tokens = 32'767;
  CHECK(message(2).find("request 1 has 32767 + 10 tokens") != std::string::npos);
  requests[1] = {0, 4, {}};
  CHECK(message(2).find("request 1 has 0 prompt") != std::string::npos);
  requests[1] = {1, 4, at_ns(5)};
  CHECK(message(0).find("request 2 is sent before") != std::string::npos);
  CHECK(run_trial(deployment, {}, 4).empty());
}

TEST_CASE("a watched trial is the same trial, and says where it left what was measured",
          "[planner][trial][extrapolation]") {
  ServingDeployment deployment = small_deployment(small_law());
  const std::vector<TrialRequest> requests(40, TrialRequest{100, 20});
  deployment.measured = {{LoadQuantity::requests_in_flight, "anchor", 4, 8},
                         {LoadQuantity::prompt_tokens, "prompts", 0, 100},
                         {LoadQuantity::context_tokens, "contexts", 0, 110}};
  deployment.extrapolations = {"extrapolating: always."};
  const WatchedTrial watched = watch_trial(deployment, requests, 16);
  const auto plain = run_trial(deployment, requests, 16);
  REQUIRE(watched.outcomes.size() == plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i)
    CHECK(watched.outcomes[i].finish == plain[i].finish);
  CHECK(watched.extrapolations ==
        std::vector<std::string>{
            "extrapolating: always.",
            "extrapolating: 16 requests in flight per replica on average; measured from 4 to 8 "
            "(anchor).",
            "extrapolating: contexts of up to 119 tokens; measured up to 110 (contexts); 100.0 % "
            "of the requests beyond."});
  CHECK(watch_trial(deployment, requests, 8).extrapolations.size() == 2);
}
