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
  return run_disaggregated_trial(deployment, prefill_workers, deployment, decode_workers, kLink,
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
                     run_disaggregated_trial(deployment, 1, deployment, 1, kLink, requests, 1))
        .mean_ttft_s;
  };
  const double apart = mean_ttft_s();
  for (TrialRequest& request : requests) request.prefix_tokens = 1600;
  CHECK(mean_ttft_s() < 0.7 * apart);
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
  CHECK(refusal(1, 1, 40'000).find("the deployments serve 32768 at most") != std::string::npos);
  CHECK(refusal(1, 1, 0).find("0 prompt and 5 output tokens") != std::string::npos);
  CHECK(refusal(1, 1, 10).empty());
  ServingDeployment other = small_deployment(small_law());
  other.block_size = 32;
  CHECK_THROWS_AS(run_disaggregated_trial(small_deployment(small_law()), 1, other, 1, kLink,
                                          equal_requests(1, 10, 5), 1),
                  ConfigError);
}
