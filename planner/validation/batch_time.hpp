// Seconds of single engine steps, by the same step-time models that replicas live by.
#pragma once

#include <cstdint>

#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// A step of `sequences` >= 1 that decode, with `context` tokens of context in all.
double decode_step_s(const ServingDeployment& deployment, std::int32_t sequences,
                     std::int64_t context);

/// What a step prefills: `new_tokens` in all, on top of `cached_tokens` in all, cut evenly among `prompts`.
struct EvenPrefill {
  std::int32_t prompts = 0;
  std::int64_t new_tokens = 0;
  std::int64_t cached_tokens = 0;
};

/// A step that prefills and decodes at once; without prompts, a step that decodes.
double mixed_step_s(const ServingDeployment& deployment, const EvenPrefill& prefill,
                    std::int32_t sequences, std::int64_t context);

}  // namespace plimsoll
