// A deployment whose step times obey an anchor, for tests of fits.
#pragma once

#include "tests/unit/planner/small_deployment.hpp"
#include "workloads/step_time/anchor.hpp"

namespace plimsoll {

inline ServingDeployment anchored_deployment(const Anchor& anchor) {
  LinearStepTime::Config law = small_law();
  const auto scaled = [](Ticks ticks, double scale) {
    return static_cast<Ticks>(static_cast<double>(ticks) * scale + 0.5);
  };
  law.base = scaled(law.base, anchor.decode_scale) + ticks_from_seconds(anchor.step_offset.count());
  law.per_sequence = scaled(law.per_sequence, anchor.decode_scale);
  law.per_context_token = scaled(law.per_context_token, anchor.decode_scale);
  law.per_prefill_token = scaled(law.per_prefill_token, anchor.prefill_scale);
  ServingDeployment deployment = small_deployment(law);
  deployment.front_end = from_seconds(3e-3 + anchor.front_end.count());
  deployment.front_end_per_token_s = anchor.front_end_per_token.count();
  return deployment;
}

}  // namespace plimsoll
