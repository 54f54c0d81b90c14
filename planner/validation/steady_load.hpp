// An engine that is kept at a given number of running requests: what its steps and its users' tokens take.
#pragma once

#include <cstdint>

#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// As many requests run at any time: each one that ends is followed by another.
struct SteadyLoad {
  double sequences = 1;      ///< running in the mean, >= 1
  double prompt_tokens = 1;  ///< of a request, in the mean
  double output_tokens = 1;  ///< likewise
};

/// Times of a steady load. Requests end, and others begin, independently of each other: the prompts that a step
/// prefills are Poisson distributed with mean sequences / output tokens, their lengths exponentially about their mean,
/// as far as the token budget goes.
struct SteadyTimes {
  double mean_step_s = 0;
  double decode_step_s = 0;  ///< of a step that no prompt joins
  double median_itl_s = 0;   ///< over steps: every running request gets a token of each
  double p99_itl_s = 0;

  /// What prompts add to the mean step.
  double prefill_s() const { return mean_step_s - decode_step_s; }
};

SteadyTimes steady_times(const ServingDeployment& deployment, const SteadyLoad& load);

}  // namespace plimsoll
