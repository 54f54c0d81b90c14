// One replica under load, alone: what a serving benchmark does to a real one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "workloads/prefix_blocks.hpp"
#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// A request of a trial, in the order in which they are sent.
struct TrialRequest {
  std::int32_t prompt_tokens = 1;
  std::int32_t output_tokens = 1;
  SimTime at{};                    ///< open loop only: when it is sent, in order of time
  std::int32_t prefix_tokens = 0;  ///< its first tokens that are those of every request with any
  PrefixSpan prefix{};             ///< of the trial's blocks, where it has some, instead
};

/// What became of it; times since the trial's start.
struct TrialOutcome {
  SimTime sent{};
  SimTime first_token{};
  SimTime finish{};
  double ttft_s() const;
  /// (finish - first token) / (output tokens - 1); NaN for one token.
  double tpot_s(std::int32_t output_tokens) const;
};

/// Sends all requests: `concurrency` clients each wait for an answer before they send the next ("closed loop", as
/// `vllm bench serve --max-concurrency`); concurrency 0 sends each at its time ("open loop"). A request longer than the
/// deployment serves is a ConfigError. `blocks`: what the requests' prefixes point into; null: prefix_tokens tell what
/// they share. Returns outcomes by request.
std::vector<TrialOutcome> run_trial(const ServingDeployment& deployment,
                                    const std::vector<TrialRequest>& requests,
                                    std::int32_t concurrency,
                                    std::shared_ptr<const PrefixBlocks> blocks = nullptr);

/// A trial's outcomes, and where it went beyond what its step times were measured over.
struct WatchedTrial {
  std::vector<TrialOutcome> outcomes;
  /// Sentences: those of the deployment, and of what this load met (sim/met_load.hpp).
  std::vector<std::string> extrapolations;
};

/// The same trial as run_trial's.
WatchedTrial watch_trial(const ServingDeployment& deployment,
                         const std::vector<TrialRequest>& requests, std::int32_t concurrency,
                         std::shared_ptr<const PrefixBlocks> blocks = nullptr);

/// Means and medians over the completed requests of a trial.
struct TrialSummary {
  double mean_ttft_s = 0, median_ttft_s = 0, p99_ttft_s = 0;
  double mean_tpot_s = 0, median_tpot_s = 0, p99_tpot_s = 0;
  double mean_e2e_s = 0;
  double output_tokens_per_s =
      0;  ///< all output tokens over the time from first sent to last finish
  double duration_s = 0;
};
TrialSummary summarize(const std::vector<TrialRequest>& requests,
                       const std::vector<TrialOutcome>& outcomes);

}  // namespace plimsoll
