// The search over cuts: equal to brute force, monotone in its bounds, honest about what is out.
#include "planner/parallelism_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "planner/steady_state.hpp"
#include "tests/catch.hpp"
#include "tests/unit/planner/small_deployment.hpp"

using namespace plimsoll;

namespace {

/// A model that one GPU cannot hold, on GPUs whose steps divide by the ranks and pay for each halving.
ServingDeployment deploy(const ServingSpec& spec) {
  const Parallelism& cut = spec.parallelism;
  const Position at{"test"};
  if (cut.tensor * cut.pipeline < 2) throw ConfigError(at, "model = m does not fit");
  if (cut.tensor == 8) throw ConfigError(at, "tensor_parallel = 8 does not divide m");
  if (spec.dtype == "fp4") throw ConfigError(at, "dtype = fp4: no such rate");
  LinearStepTime::Config law = small_law();
  const double speed = cut.tensor * (spec.dtype == "fp8" ? 1.7 : 1.0);
  const auto faster = [&](Ticks ticks) {
    return static_cast<Ticks>(static_cast<double>(ticks) / speed);
  };
  law.base = faster(4 * law.base) + ticks_from_seconds(0.3e-3 * cut.tensor + 0.5e-3 * cut.pipeline);
  law.per_sequence = faster(law.per_sequence);
  law.per_context_token = faster(law.per_context_token);
  law.per_prefill_token = faster(law.per_prefill_token);
  if (spec.engine == "slow") law.base += ticks_from_seconds(3e-3);
  ServingDeployment deployment = small_deployment(law);
  deployment.parallelism = cut;
  deployment.max_num_seqs = 1024;
  deployment.kv_blocks = 20'000;
  deployment.front_end = from_seconds(1e-3);
  deployment.level = "operator tables";
  deployment.step_time_error = 0.06;
  if (cut.pipeline > 1) deployment.extrapolations = {"pipelines are not measured."};
  return deployment;
}

ParallelismQuery query() {
  ParallelismQuery query;
  query.dtypes = {"bf16", "fp8"};
  query.engines = {"fast", "slow"};
  query.gpus = 8;
  query.island = 8;
  for (std::int32_t i = 0; i < 64; ++i)
    query.requests.push_back({900 + 37 * i % 200, 90 + 11 * i % 20, {}});
  query.ttft_slo_s = 0.5;
  query.tpot_slo_s = 0.025;
  query.most_concurrency = 256;
  query.price_per_gpu = UsdPerHour{2};
  return query;
}

/// Every cut under every load, none left out.
std::vector<ServingChoice> brute_force(const ParallelismQuery& query) {
  std::vector<ServingChoice> held;
  for (const std::string& engine : query.engines) {
    for (const std::string& dtype : query.dtypes) {
      for (const Parallelism& cut : possible_cuts(query)) {
        ServingSpec spec;
        spec.engine = engine;
        spec.dtype = dtype;
        spec.parallelism = cut;
        try {
          deploy(spec);
        } catch (const ConfigError&) {
          continue;
        }
        for (const std::int32_t load : concurrency_ladder(query.most_concurrency, cut.data)) {
          ParallelismQuery alone = query;
          alone.engines = {engine};
          alone.dtypes = {dtype};
          std::vector<TrialRequest> requests;
          const int count = std::max(5 * load, 2 * load + 32);
          for (int i = 0; i < count; ++i)
            requests.push_back(query.requests[static_cast<std::size_t>(i) % 64]);
          const auto outcomes = run_trial(deploy(spec), requests, load);
          double ttft = 0;
          double tpot = 0;
          for (int i = load; i < count - load; ++i) {
            const auto index = static_cast<std::size_t>(i);
            ttft += outcomes[index].ttft_s() / (count - 2 * load);
            tpot += outcomes[index].tpot_s(requests[index].output_tokens) / (count - 2 * load);
          }
          if (ttft > query.ttft_slo_s || tpot > query.tpot_slo_s) continue;
          ServingChoice choice;
          choice.engine = engine;
          choice.dtype = dtype;
          choice.parallelism = cut;
          choice.concurrency = load;
          choice.ttft_s = ttft;
          choice.tpot_s = tpot;
          held.push_back(choice);
        }
      }
    }
  }
  return held;
}

std::string key(const ServingChoice& c) {
  return fmt::format("{} {} {} {} {} {} {}", c.engine, c.dtype, c.parallelism.tensor,
                     c.parallelism.pipeline, c.parallelism.data, c.parallelism.expert,
                     c.concurrency);
}

std::set<std::string> keys(const std::vector<ServingChoice>& choices) {
  std::set<std::string> all;
  for (const ServingChoice& choice : choices) all.insert(key(choice));
  return all;
}

}  // namespace

TEST_CASE("the search finds what brute force finds", "[planner][parallelism]") {
  const ParallelismQuery asked = query();
  const ParallelismResult result = search_parallelism(asked, deploy);
  const std::vector<ServingChoice> expected = brute_force(asked);
  CHECK(expected.size() > 20);
  CHECK(keys(result.choices) == keys(expected));
  for (const ServingChoice& choice : result.choices) {
    const auto same = std::find_if(expected.begin(), expected.end(),
                                   [&](const ServingChoice& e) { return key(e) == key(choice); });
    REQUIRE(same != expected.end());
    CHECK(choice.ttft_s == Approx(same->ttft_s));
    CHECK(choice.tpot_s == Approx(same->tpot_s));
  }
}

TEST_CASE("every configuration is a choice or is counted with its reason",
          "[planner][parallelism]") {
  ParallelismQuery asked = query();
  asked.dtypes.push_back("fp4");
  asked.rate_per_s = 30;
  const ParallelismResult result = search_parallelism(asked, deploy);
  std::int64_t out = 0;
  for (const auto& [reason, rejected] : result.rejected) {
    INFO(reason << ": " << rejected.example);
    CHECK(rejected.count > 0);
    CHECK_FALSE(rejected.example.empty());
    out += rejected.count;
  }
  CHECK(out + static_cast<std::int64_t>(result.choices.size()) == result.configurations);
  for (const char* reason : {"does not fit in memory", "cannot be cut so",
                             "precision not available", "misses TPOT", "misses the rate"}) {
    INFO(reason);
    CHECK(result.rejected.count(reason) == 1);
  }
  for (const ServingChoice& choice : result.choices) CHECK(choice.requests_per_s >= 30);
}

TEST_CASE("looser bounds never lose a configuration, and the best never gets worse",
          "[planner][parallelism]") {
  ParallelismQuery asked = query();
  std::set<std::string> before;
  double best = 0;
  for (const double tpot_s : {0.006, 0.012, 0.02, 0.04, 0.2}) {
    asked.tpot_slo_s = tpot_s;
    const ParallelismResult result = search_parallelism(asked, deploy);
    const std::set<std::string> now = keys(result.choices);
    CHECK(std::includes(now.begin(), now.end(), before.begin(), before.end()));
    before = now;
    if (result.choices.empty()) continue;
    CHECK(result.choices.front().tokens_per_s_per_gpu >= best);
    best = result.choices.front().tokens_per_s_per_gpu;
  }
  CHECK(best > 0);
}

TEST_CASE("choices are ranked by tokens per GPU, and the front holds nobody that another beats",
          "[planner][parallelism]") {
  const ParallelismResult result = search_parallelism(query(), deploy);
  const auto& choices = result.choices;
  for (std::size_t i = 1; i < choices.size(); ++i)
    CHECK(choices[i - 1].tokens_per_s_per_gpu >= choices[i].tokens_per_s_per_gpu);
  for (const ServingChoice& a : choices) {
    const bool beaten = std::any_of(choices.begin(), choices.end(), [&](const ServingChoice& b) {
      return b.tokens_per_s_per_gpu > a.tokens_per_s_per_gpu &&
             b.tokens_per_s_per_user > a.tokens_per_s_per_user;
    });
    if (a.pareto) CHECK_FALSE(beaten);
    CHECK(a.usd_per_million_tokens ==
          Approx(2.0 / 3600 / a.tokens_per_s_per_gpu * 1e6).epsilon(1e-9));
    CHECK(a.output_tokens_per_s == Approx(a.tokens_per_s_per_gpu * 8));
    CHECK(a.extrapolations.empty() == (a.parallelism.pipeline == 1));
    CHECK(a.replicas * a.parallelism.gpus() <= 8);
  }
  CHECK(choices.front().pareto);
}

TEST_CASE("the result does not depend on the number of threads", "[planner][parallelism]") {
  ParallelismQuery asked = query();
  const ParallelismResult one = search_parallelism(asked, deploy);
  asked.threads = 3;
  const ParallelismResult three = search_parallelism(asked, deploy);
  CHECK(one.choices == three.choices);
  CHECK(one.trials == three.trials);
}

TEST_CASE("cuts stay on an island, and only mixtures cut attention and experts",
          "[planner][parallelism]") {
  ParallelismQuery asked = query();
  asked.gpus = 32;
  for (const Parallelism& cut : possible_cuts(asked)) {
    CHECK(cut.data == 1);
    CHECK(cut.expert == 1);
    CHECK(cut.tensor <= 8);
    CHECK(cut.gpus() <= 32);
  }
  CHECK(possible_cuts(asked).size() == 4 * 4 - 1);  // TP8 x PP8 has too many GPUs
  asked.mixture = true;
  for (const Parallelism& cut : possible_cuts(asked)) {
    CHECK(cut.tensor * cut.data <= 8);
    CHECK((cut.expert == 1 || cut.expert == cut.tensor * cut.data));
  }
  CHECK(concurrency_ladder(16, 1) == std::vector<std::int32_t>{1, 2, 3, 4, 6, 8, 12, 16});
  CHECK(concurrency_ladder(16, 4) == std::vector<std::int32_t>{4, 6, 8, 12, 16});
}

TEST_CASE("the closed form is exact for one request and near under load", "[planner][steady]") {
  ServingSpec spec;
  spec.parallelism.tensor = 4;
  const ServingDeployment deployment = deploy(spec);
  for (const std::int32_t load : {1, 4, 16, 64}) {
    std::vector<TrialRequest> requests;
    for (std::int32_t i = 0; i < 400; ++i)
      requests.push_back({950 + 37 * i % 100, load == 1 ? 101 : 90 + 7 * i % 22, {}});
    if (load == 1)
      for (TrialRequest& request : requests) request.prompt_tokens = 1000;
    const TrialSummary trial = summarize(requests, run_trial(deployment, requests, load));
    const SteadyState guess = steady_state(deployment, {1000, 101}, load);
    INFO("load " << load);
    CHECK(guess.tpot_s == Approx(trial.mean_tpot_s).epsilon(load == 1 ? 1e-4 : 0.15));
    CHECK(guess.ttft_s == Approx(trial.median_ttft_s).epsilon(load == 1 ? 1e-4 : 0.6));
  }
}
