#include "planner/serving_trial.hpp"

#include <limits>

namespace plimsoll {

double TrialOutcome::ttft_s() const { return to_seconds(first_token - sent); }

double TrialOutcome::tpot_s(std::int32_t output_tokens) const {
  if (output_tokens < 2) return std::numeric_limits<double>::quiet_NaN();
  return to_seconds(finish - first_token) / (output_tokens - 1);
}

}  // namespace plimsoll
