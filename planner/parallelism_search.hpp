// Which cut, precision, engine and concurrency serve a load best on so many GPUs, under bounds on latency.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/serving_trial.hpp"

namespace plimsoll {

struct ParallelismQuery {
  ServingSpec spec;  ///< model, GPU and options; dtype, engine and parallelism are what is searched
  std::vector<std::string> dtypes;
  std::vector<std::string> engines;
  std::int32_t gpus = 8;  ///< in all
  std::int32_t island =
      8;                 ///< GPUs that reach each other over NVLink: a pipeline stage stays within
  bool mixture = false;  ///< the model has routed experts: they and the attention ranks are cut too
  std::vector<TrialRequest> requests;  ///< lengths as they come; repeated as often as a trial needs
  double ttft_slo_s = 0;               ///< bounds on the means over requests
  double tpot_slo_s = 0;
  std::optional<double> rate_per_s{};  ///< requests that all replicas together have to serve
  std::optional<UsdPerHour> price_per_gpu{};
  std::int32_t most_concurrency = 1024;  ///< per replica
  std::size_t threads = 1;               ///< changes the speed only
};

/// A configuration that holds the bounds, and what is expected of it.
struct ServingChoice {
  std::string engine;
  std::string dtype;
  Parallelism parallelism;
  std::int32_t replicas = 0;      ///< that fit on the GPUs
  std::int32_t concurrency = 0;   ///< requests in flight per replica
  std::int32_t max_num_seqs = 0;  ///< the engine's limit that keeps to it, per attention rank
  double ttft_s = 0;              ///< means under that constant load
  double tpot_s = 0;
  double requests_per_s = 0;  ///< of all replicas
  double output_tokens_per_s = 0;
  double tokens_per_s_per_gpu = 0;    ///< output tokens, over all GPUs of the query, idle ones too
  double tokens_per_s_per_user = 0;   ///< 1 / TPOT
  double usd_per_million_tokens = 0;  ///< output tokens; NaN without a price
  std::string level;                  ///< of the step-time model
  double error = 0;                   ///< its stated median relative error; 0: not stated
  /// What it rests on beyond measurements of the like, power aside; sentences.
  std::vector<std::string> extrapolations{};
  bool pareto = false;  ///< nobody is better per user and per GPU

  friend bool operator==(const ServingChoice&, const ServingChoice&) = default;
};

/// Configurations that are out, and the first one's explanation.
struct RejectedConfigurations {
  std::int64_t count = 0;
  std::string example;
};

struct ParallelismResult {
  std::vector<ServingChoice> choices;                      ///< best output tokens/s per GPU first
  std::map<std::string, RejectedConfigurations> rejected;  ///< by reason
  std::int64_t configurations = 0;                         ///< choices and rejected
  std::int64_t trials = 0;
};

/// Powers of two throughout: tensor x data within the island, up to 8 pipeline stages; a mixture's experts are kept
/// whole on their ranks (expert = tensor x data) or cut (expert = 1). Sorted.
std::vector<Parallelism> possible_cuts(const ParallelismQuery& query);
/// Loads to be tried per replica: 1, 2, 3, 4, 6, 8, 12, ... , at least one per attention rank.
std::vector<std::int32_t> concurrency_ladder(std::int32_t most, std::int32_t ranks);

/// Deploys every cut with every precision and engine, and loads each more and more until it misses a bound: latencies
/// grow with the load. What the closed form of planner/steady_state.hpp puts beyond twice a bound is not tried.
/// `deploy` throws ConfigError for what cannot be; which of its keys is at fault (as deploy_serving words it) is the
/// reason that is counted. Deterministic.
ParallelismResult search_parallelism(
    const ParallelismQuery& query,
    const std::function<ServingDeployment(const ServingSpec&)>& deploy);

}  // namespace plimsoll
