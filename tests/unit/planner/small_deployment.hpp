// A deployment of round numbers, for tests of the planner.
#pragma once

#include <memory>

#include "workloads/serving_deployment.hpp"
#include "workloads/step_time/linear.hpp"

namespace plimsoll {

inline ServingDeployment small_deployment(const LinearStepTime::Config& law) {
  ServingDeployment deployment;
  deployment.step_time = std::make_shared<LinearStepTime>(law);
  deployment.kv_blocks = 100'000;
  deployment.block_size = 16;
  deployment.max_num_seqs = 256;
  deployment.max_num_batched_tokens = 8192;
  deployment.max_model_len = 32'768;
  deployment.prefix_caching = false;
  return deployment;
}

/// 5 ms a step, 50 us a sequence, 40 ns a token of context, 20 us a prompt token.
inline LinearStepTime::Config small_law() {
  return {ticks_from_seconds(5e-3), ticks_from_seconds(50e-6), ticks_from_seconds(40e-9),
          ticks_from_seconds(20e-6), 0};
}

}  // namespace plimsoll
