#include "planner/parallelism_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "core/error.hpp"
#include "planner/in_parallel.hpp"
#include "planner/steady_state.hpp"

namespace plimsoll {
namespace {

constexpr std::int32_t kMostStages = 8;
constexpr double kHopeless = 2;  ///< times a bound, by the closed form

struct Candidate {
  ServingSpec spec;
  ServingDeployment deployment;
};

/// What walking one candidate up the ladder of loads found.
struct Walk {
  std::vector<ServingChoice> choices;
  std::string reason{};  ///< of the loads that are out; "": none
  std::string example{};
  std::int64_t out = 0;
  std::int64_t trials = 0;
};

void reject(ParallelismResult& result, const std::string& reason, std::int64_t count,
            const std::string& example) {
  RejectedConfigurations& rejected = result.rejected[reason];
  if (rejected.count == 0) rejected.example = example;
  rejected.count += count;
}

/// The reason behind the key with which a fault of deploy_serving begins.
std::string reason_of(const Fault& fault) {
  const std::string key = fault.message.substr(0, fault.message.find_first_of(" :="));
  if (key == "model") return "does not fit in memory";
  if (key.find("parallel") != std::string::npos) return "cannot be cut so";
  if (key.find("dtype") != std::string::npos) return "precision not available";
  return "not deployable: " + key;
}

std::string shown(const ServingSpec& spec) {
  const Parallelism& cut = spec.parallelism;
  return fmt::format("{} {} TP{} PP{} DP{} EP{}", spec.engine, spec.dtype, cut.tensor, cut.pipeline,
                     cut.data, cut.expert);
}

MeanRequest mean_request(const std::vector<TrialRequest>& requests) {
  MeanRequest mean{0, 0};
  for (const TrialRequest& request : requests) {
    mean.prompt_tokens += request.prompt_tokens;
    mean.output_tokens += request.output_tokens;
  }
  mean.prompt_tokens /= static_cast<double>(requests.size());
  mean.output_tokens /= static_cast<double>(requests.size());
  return mean;
}

/// What requests see while all clients are busy: the first ones meet an empty replica together, and the last ones a
/// replica that empties, so neither count.
struct Loaded {
  double ttft_s = 0;
  double tpot_s = 0;
  double requests_per_s = 0;
  double tokens_per_s = 0;
  std::vector<std::string> extrapolations{};
};

Loaded measure(const ServingDeployment& deployment, const std::vector<TrialRequest>& lengths,
               std::int32_t concurrency) {
  const auto clients = static_cast<std::size_t>(concurrency);
  const std::size_t count = std::max(5 * clients, 2 * clients + 32);
  std::vector<TrialRequest> requests;
  requests.reserve(count);
  for (std::size_t i = 0; i < count; ++i) requests.push_back(lengths[i % lengths.size()]);
  const WatchedTrial trial = watch_trial(deployment, requests, concurrency);
  const auto busy = [clients, count](const auto& all) {
    return std::vector(all.begin() + static_cast<std::ptrdiff_t>(clients),
                       all.begin() + static_cast<std::ptrdiff_t>(count - clients));
  };
  requests = busy(requests);
  const TrialSummary summary = summarize(requests, busy(trial.outcomes));
  Loaded loaded;
  loaded.ttft_s = summary.mean_ttft_s;
  loaded.tpot_s = std::isnan(summary.mean_tpot_s) ? 0 : summary.mean_tpot_s;
  loaded.requests_per_s = concurrency / summary.mean_e2e_s;  // Little's law
  loaded.tokens_per_s = loaded.requests_per_s * mean_request(requests).output_tokens;
  loaded.extrapolations = trial.extrapolations;
  std::erase_if(loaded.extrapolations, [](const std::string& sentence) {
    return sentence.starts_with("power:");  // which is not asked for
  });
  return loaded;
}

std::string missed(double ttft_s, double tpot_s, const ParallelismQuery& query, double tolerance) {
  const bool ttft = ttft_s > tolerance * query.ttft_slo_s;
  const bool tpot = tpot_s > tolerance * query.tpot_slo_s;
  if (ttft && tpot) return "misses TTFT and TPOT";
  if (ttft) return "misses TTFT";
  return tpot ? "misses TPOT" : "";
}

ServingChoice choice_of(const Candidate& candidate, const ParallelismQuery& query,
                        std::int32_t concurrency, const Loaded& loaded) {
  const Parallelism& cut = candidate.spec.parallelism;
  ServingChoice choice;
  choice.engine = candidate.spec.engine;
  choice.dtype = candidate.spec.dtype;
  choice.parallelism = cut;
  choice.replicas = query.gpus / cut.gpus();
  choice.concurrency = concurrency;
  choice.max_num_seqs = (concurrency + cut.data - 1) / cut.data;
  choice.ttft_s = loaded.ttft_s;
  choice.tpot_s = loaded.tpot_s;
  choice.requests_per_s = choice.replicas * loaded.requests_per_s;
  choice.output_tokens_per_s = choice.replicas * loaded.tokens_per_s;
  choice.tokens_per_s_per_gpu = choice.output_tokens_per_s / query.gpus;
  choice.tokens_per_s_per_user = loaded.tpot_s > 0 ? 1 / loaded.tpot_s : 0;
  choice.usd_per_million_tokens =
      query.price_per_gpu
          ? query.price_per_gpu->count() * query.gpus / (choice.output_tokens_per_s * 3600) * 1e6
          : std::numeric_limits<double>::quiet_NaN();
  choice.level = candidate.deployment.level;
  choice.error = candidate.deployment.step_time_error;
  choice.extrapolations = loaded.extrapolations;
  return choice;
}

Walk walk(const Candidate& candidate, const ParallelismQuery& query) {
  const std::vector<std::int32_t> ladder =
      concurrency_ladder(query.most_concurrency, candidate.spec.parallelism.data);
  const MeanRequest mean = mean_request(query.requests);
  Walk walk;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const auto out = [&](const std::string& reason, double ttft_s, double tpot_s) {
      walk.reason = reason;
      walk.out = static_cast<std::int64_t>(ladder.size() - i);
      walk.example = fmt::format("{} at concurrency {}: TTFT {:.0f} ms, TPOT {:.1f} ms",
                                 shown(candidate.spec), ladder[i], ttft_s * 1e3, tpot_s * 1e3);
    };
    const SteadyState guess = steady_state(candidate.deployment, mean, ladder[i]);
    const std::string hopeless = missed(guess.ttft_s, guess.tpot_s, query, kHopeless);
    if (!hopeless.empty()) {
      out(hopeless, guess.ttft_s, guess.tpot_s);
      break;
    }
    const Loaded loaded = measure(candidate.deployment, query.requests, ladder[i]);
    ++walk.trials;
    const std::string over = missed(loaded.ttft_s, loaded.tpot_s, query, 1);
    if (!over.empty()) {
      out(over, loaded.ttft_s, loaded.tpot_s);
      break;
    }
    walk.choices.push_back(choice_of(candidate, query, ladder[i], loaded));
  }
  return walk;
}

/// Deploys what can be; the others are counted with their reason, once per load that they are not tried under.
std::vector<Candidate> candidates_of(
    const ParallelismQuery& query,
    const std::function<ServingDeployment(const ServingSpec&)>& deploy, ParallelismResult& result) {
  std::vector<Candidate> candidates;
  for (const std::string& engine : query.engines) {
    for (const std::string& dtype : query.dtypes) {
      for (const Parallelism& cut : possible_cuts(query)) {
        ServingSpec spec = query.spec;
        spec.engine = engine;
        spec.dtype = dtype;
        spec.parallelism = cut;
        const auto loads =
            static_cast<std::int64_t>(concurrency_ladder(query.most_concurrency, cut.data).size());
        result.configurations += loads;
        try {
          candidates.push_back({spec, deploy(spec)});
        } catch (const ConfigError& error) {
          const Fault& fault = error.faults().front();
          reject(result, reason_of(fault), loads, shown(spec) + ": " + fault.message);
        }
      }
    }
  }
  return candidates;
}

bool better(const ServingChoice& a, const ServingChoice& b) {
  const auto rest = [](const ServingChoice& c) {
    return std::tuple(c.tpot_s, c.parallelism.gpus(), c.engine, c.dtype, c.parallelism.tensor,
                      c.parallelism.pipeline, c.parallelism.data, c.parallelism.expert,
                      c.concurrency);
  };
  if (a.tokens_per_s_per_gpu != b.tokens_per_s_per_gpu)
    return a.tokens_per_s_per_gpu > b.tokens_per_s_per_gpu;
  return rest(a) < rest(b);
}

/// In order of tokens/s per GPU, whoever is faster per user than all before.
void mark_pareto(std::vector<ServingChoice>& choices) {
  double fastest = -1;
  for (ServingChoice& choice : choices) {
    choice.pareto = choice.tokens_per_s_per_user > fastest;
    fastest = std::max(fastest, choice.tokens_per_s_per_user);
  }
}

}  // namespace

std::vector<Parallelism> possible_cuts(const ParallelismQuery& query) {
  std::vector<Parallelism> cuts;
  const std::int32_t most_ranks = std::min(query.island, query.gpus);
  for (std::int32_t tensor = 1; tensor <= most_ranks; tensor *= 2) {
    for (std::int32_t data = 1; tensor * data <= most_ranks; data *= 2) {
      if (data > 1 && !query.mixture) break;  // replicas do the same without a bond
      for (std::int32_t stages = 1; stages <= kMostStages; stages *= 2) {
        if (tensor * data * stages > query.gpus) break;
        cuts.push_back({.tensor = tensor, .pipeline = stages, .expert = 1, .data = data});
        if (query.mixture && tensor * data > 1)
          cuts.push_back(
              {.tensor = tensor, .pipeline = stages, .expert = tensor * data, .data = data});
      }
    }
  }
  return cuts;
}

std::vector<std::int32_t> concurrency_ladder(std::int32_t most, std::int32_t ranks) {
  std::vector<std::int32_t> ladder;
  for (std::int32_t load = 1; load <= most; load *= 2) {
    if (load >= ranks) ladder.push_back(load);
    if (load > 1 && load + load / 2 <= most && load + load / 2 >= ranks)
      ladder.push_back(load + load / 2);
  }
  return ladder;
}

ParallelismResult search_parallelism(
    const ParallelismQuery& query,
    const std::function<ServingDeployment(const ServingSpec&)>& deploy) {
  ParallelismResult result;
  const std::vector<Candidate> candidates = candidates_of(query, deploy, result);
  std::vector<Walk> walks(candidates.size());
  in_parallel(candidates.size(), query.threads,
              [&](std::size_t i) { walks[i] = walk(candidates[i], query); });
  for (const Walk& walked : walks) {
    result.trials += walked.trials;
    if (walked.out > 0) reject(result, walked.reason, walked.out, walked.example);
    for (const ServingChoice& choice : walked.choices) {
      if (query.rate_per_s && choice.requests_per_s < *query.rate_per_s) {
        reject(result, "misses the rate", 1,
               fmt::format("{} {}: {:.2f} requests/s of all {} replicas", choice.engine,
                           choice.dtype, choice.requests_per_s, choice.replicas));
      } else {
        result.choices.push_back(choice);
      }
    }
  }
  std::sort(result.choices.begin(), result.choices.end(), better);
  mark_pareto(result.choices);
  return result;
}

}  // namespace plimsoll
