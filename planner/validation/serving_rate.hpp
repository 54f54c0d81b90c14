// How many output tokens per second one replica yields: without limits on lateness, or under them.
#pragma once

#include <cstdint>

#include "planner/serving_trial.hpp"

namespace plimsoll {

/// Lengths drawn evenly from half the mean to one and a half times it.
struct LoadShape {
  std::int32_t mean_prompt_tokens = 1;
  std::int32_t mean_output_tokens = 1;
};

/// 99th percentiles.
struct LatencyLimits {
  double ttft_s = 0;
  double tpot_s = 0;
};

/// All requests wait from the start: output tokens per second in the middle half of the completions.
double saturated_rate(const ServingDeployment& deployment, const LoadShape& shape);

/// Poisson arrivals at the highest rate, to 2 %, under which the limits hold; 0: at none of the rates tried, down to a
/// hundredth of the saturated one.
double limited_rate(const ServingDeployment& deployment, const LoadShape& shape,
                    const LatencyLimits& limits, double saturated);

}  // namespace plimsoll
