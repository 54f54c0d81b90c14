// Trials of prefill and decode replicas: closed forms, laws, and equality with a run of the same pool.
#include "planner/disaggregated_trial.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/planner/small_deployment.hpp"

using namespace plimsoll;

namespace {

const KvLink kLink{Duration{1'000'000}, BytesPerSecond{1e9}, Bytes{10'000}, 0};

std::vector<TrialRequest> equal_requests(std::size_t count, std::int32_t prompt,
                                         std::int32_t output) {
  return std::vector<TrialRequest>(count, {prompt, output, {}});
}

std::vector<TrialOutcome> run(std::int32_t prefill_workers, std::int32_t decode_workers,
                              const std::vector<TrialRequest>& requests, std::int32_t concurrency) {
  const ServingDeployment deployment = small_deployment(small_law());
  return run_disaggregated_trial({deployment, prefill_workers, deployment, decode_workers, kLink},
                                 requests, concurrency);
}

}  // namespace

TEST_CASE("one client of a disaggregated trial sees prefill, transfer and steps in turn",
          "[planner][disaggregation]") {
  const std::vector<TrialOutcome> outcomes = run(1, 1, equal_requests(3, 100, 11), 1);
  REQUIRE(outcomes.size() == 3);
  const StepTimeModel& law = *small_deployment(small_law()).step_time;
  const PrefillChunk prompt{100, 0};
  const double prefill_s = seconds_from_ticks(law.mixed({{&prompt, 1}, 0, 0, 1}));
  double decode_s = 0;
  for (int token = 1; token <= 10; ++token) {
    decode_s += seconds_from_ticks(law.decode(1, 100 + token).at(100 + token));
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    CHECK(outcomes[i].ttft_s() == Approx(prefill_s + 1e-3 + 1e-3).margin(1e-8));
    CHECK(outcomes[i].tpot_s(11) == Approx(decode_s / 10).margin(1e-8));
    if (i > 0) CHECK(outcomes[i].sent == outcomes[i - 1].finish);
  }
}

TEST_CASE("a disaggregated trial has at most `concurrency` requests open, and serves them all",
          "[planner][disaggregation]") {
  const RandomStream draw(1, "tests/disaggregated_trial", "requests");
  std::vector<TrialRequest> requests;
  for (std::uint64_t i = 0; i < 300; ++i) {
    requests.push_back({1 + static_cast<std::int32_t>(below(900, draw.bits(i, 0))),
                        1 + static_cast<std::int32_t>(below(200, draw.bits(i, 1))),
                        {}});
  }
  const std::vector<TrialOutcome> outcomes = run(2, 3, requests, 7);
  REQUIRE(outcomes.size() == requests.size());
  for (const TrialOutcome& one : outcomes) {
    CHECK(one.sent < one.first_token);
    CHECK(one.first_token <= one.finish);
    const auto open = std::count_if(outcomes.begin(), outcomes.end(), [&](const auto& other) {
      return other.sent <= one.sent && one.sent < other.finish;
    });
    CHECK(open <= 7);
  }
}

TEST_CASE("more decode workers speed up long answers, more prefill workers long prompts",
          "[planner][disaggregation][law]") {
  const auto duration_s = [](std::int32_t prefill, std::int32_t decode,
                             const std::vector<TrialRequest>& requests) {
    return summarize(requests, run(prefill, decode, requests, 64)).duration_s;
  };
  const std::vector<TrialRequest> answers = equal_requests(200, 64, 400);
  CHECK(duration_s(1, 3, answers) < duration_s(3, 1, answers));
  const std::vector<TrialRequest> prompts = equal_requests(200, 8000, 10);
  CHECK(duration_s(3, 1, prompts) < duration_s(1, 3, prompts));
}

TEST_CASE("an open loop sends each request at its time", "[planner][disaggregation]") {
  std::vector<TrialRequest> requests = equal_requests(5, 100, 5);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].at = at_ns(static_cast<std::int64_t>(i) * 3'000'000);
  }
  const std::vector<TrialOutcome> outcomes = run(1, 1, requests, 0);
  for (std::size_t i = 0; i < requests.size(); ++i) CHECK(outcomes[i].sent == requests[i].at);
}

TEST_CASE("a shared prefix shortens prefills of a disaggregated trial",
          "[planner][disaggregation]") {
  ServingDeployment deployment = small_deployment(small_law());
  deployment.prefix_caching = true;
  std::vector<TrialRequest> requests = equal_requests(10, 2000, 5);
  const auto mean_ttft_s = [&] {
    return summarize(requests,
                     run_disaggregated_trial({deployment, 1, deployment, 1, kLink}, requests, 1))
        .mean_ttft_s;
  };
  const double apart = mean_ttft_s();
  for (TrialRequest& request : requests) request.prefix_tokens = 1600;
  CHECK(mean_ttft_s() < 0.7 * apart);
}

TEST_CASE("a run finds in the prefix caches what the run before it left",
          "[planner][disaggregation]") {
  ServingDeployment deployment = small_deployment(small_law());
  deployment.prefix_caching = true;
  PrefixBlocks blocks;
  blocks.block_tokens = 16;
  for (std::uint32_t id = 0; id < 4 * 125; ++id) blocks.ids.push_back(id);
  std::vector<TrialRequest> requests = equal_requests(4, 2001, 5);
  for (std::uint32_t i = 0; i < 4; ++i) requests[i].prefix = {125 * i, 125};
  const std::vector<TrialRun> runs{{requests, 1}, {requests, 1}};
  const auto outcomes =
      run_disaggregated_trials({deployment, 1, deployment, 1, kLink}, runs,
                               std::make_shared<const PrefixBlocks>(std::move(blocks)));
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[1].front().sent == outcomes[0].back().finish);
  for (std::size_t i = 0; i < requests.size(); ++i)
    CHECK(outcomes[1][i].ttft_s() == Approx(outcomes[0][i].ttft_s() - 2000 * 20e-6).margin(1e-7));
}

TEST_CASE("the host's work for a KV cache that is sent lengthens the prefill, and nothing else",
          "[planner][disaggregation]") {
  ServingDeployment prefill = small_deployment(small_law());
  const ServingDeployment decode = prefill;
  const std::vector<TrialRequest> requests = equal_requests(3, 100, 11);
  const auto bare = run_disaggregated_trial({prefill, 1, decode, 1, kLink}, requests, 1);
  prefill.hand_over = Duration{4'000'000};
  prefill.hand_over_per_token_s = 30e-6;
  const auto busy = run_disaggregated_trial({prefill, 1, decode, 1, kLink}, requests, 1);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    CHECK(busy[i].ttft_s() == Approx(bare[i].ttft_s() + 4e-3 + 100 * 30e-6).margin(1e-7));
    CHECK(busy[i].tpot_s(11) == Approx(bare[i].tpot_s(11)).margin(1e-8));
  }
}

TEST_CASE("workers that are dealt requests in turn finish later than those with the fewest",
          "[planner][disaggregation][law]") {
  std::vector<TrialRequest> requests = equal_requests(40, 64, 2);
  for (std::size_t i = 0; i < requests.size(); i += 2) requests[i].output_tokens = 400;
  DisaggregatedWorkers workers{small_deployment(small_law()), 1, small_deployment(small_law()), 2,
                               kLink};
  const auto duration_s = [&] {
    return summarize(requests, run_disaggregated_trial(workers, requests, 8)).duration_s;
  };
  workers.decode.max_num_seqs = 2;
  const double fewest = duration_s();
  workers.in_turn = true;  // every long answer on the first of the two
  CHECK(duration_s() > 1.3 * fewest);
}

TEST_CASE("a decode worker leaves its reserve free for the sequences that it has",
          "[planner][disaggregation]") {
  ServingDeployment prefill = small_deployment(small_law());
  ServingDeployment decode = prefill;
  decode.kv_blocks = 32'768 / 16;
  const std::vector<TrialRequest> requests = equal_requests(2, 10'000, 50);
  const auto together = run_disaggregated_trial({prefill, 2, decode, 1, kLink}, requests, 2);
  CHECK(together[1].first_token < together[0].finish);
  decode.decode_reserve_tokens = 16'000;
  const auto apart = run_disaggregated_trial({prefill, 2, decode, 1, kLink}, requests, 2);
  CHECK(apart[1].first_token >= apart[0].finish);
}

TEST_CASE("what a disaggregated trial cannot serve is refused", "[planner][disaggregation]") {
  const auto refusal = [](std::int32_t prefill, std::int32_t decode, std::int32_t prompt) {
    try {
      run(prefill, decode, equal_requests(1, prompt, 5), 1);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal(1, 0, 10).find("1 prefill and 0 decode workers") != std::string::npos);
  CHECK(refusal(1, 1, 40'000).find("what is deployed serves 32768 at most") != std::string::npos);
  CHECK(refusal(1, 1, 0).find("0 prompt and 5 output tokens") != std::string::npos);
  CHECK(refusal(1, 1, 10).empty());
  ServingDeployment other = small_deployment(small_law());
  other.block_size = 32;
  CHECK_THROWS_AS(run_disaggregated_trial({small_deployment(small_law()), 1, other, 1, kLink},
                                          equal_requests(1, 10, 5), 1),
                  ConfigError);
}
