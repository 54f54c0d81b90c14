#include "planner/validation/steady_load.hpp"

#include <algorithm>
#include <cmath>

#include "core/portable_math.hpp"
#include "planner/validation/batch_time.hpp"

namespace plimsoll {
namespace {

/// Tokens that join a step: a Poisson number of prompts, their lengths exponentially distributed about the mean.
class JoiningTokens {
 public:
  JoiningTokens(double prompts, double mean_length)
      : prompts_(prompts), mean_length_(mean_length) {}

  /// The share of steps that no more tokens join.
  double share_up_to(double tokens) const {
    const double lengths = tokens / mean_length_;
    double share = portable::exp(-prompts_);
    double erlang = 1;                         // the chance that k prompts are no longer together
    double tail = portable::exp(-lengths);     // e^-x x^j / j!
    double weight = portable::exp(-prompts_);  // the chance of k prompts
    for (int k = 1; k <= most(); ++k) {
      weight *= prompts_ / k;
      erlang -= tail;
      tail *= lengths / k;
      share += weight * std::max(0.0, erlang);
    }
    return share;
  }

  /// 0 where so large a share of steps has no prompt at all.
  double quantile(double share) const {
    double low = 0;
    double high = mean_length_ * 2 * most();
    if (share_up_to(low) >= share) return 0;
    while (high - low > 0.5) {
      const double middle = (low + high) / 2;
      (share_up_to(middle) < share ? low : high) = middle;
    }
    return high;
  }

 private:
  /// Prompts beyond this number never join one step.
  int most() const { return static_cast<int>(prompts_ + 10 * std::sqrt(prompts_) + 10); }

  double prompts_;
  double mean_length_;
};

}  // namespace

SteadyTimes steady_times(const ServingDeployment& deployment, const SteadyLoad& load) {
  const auto sequences = std::clamp<std::int32_t>(static_cast<std::int32_t>(load.sequences + 0.5),
                                                  1, deployment.max_num_seqs);
  // Prompts take the places of requests that ended; of the others half an answer is there in the mean.
  const auto step_with = [&](double tokens) {
    const auto budget = static_cast<double>(deployment.max_num_batched_tokens - sequences);
    const auto joining = static_cast<std::int64_t>(std::min(tokens, std::max(1.0, budget)) + 0.5);
    const auto prompts =
        std::clamp<std::int32_t>(static_cast<std::int32_t>(tokens / load.prompt_tokens + 0.5),
                                 joining > 0 ? 1 : 0, sequences);
    const std::int32_t decoding = sequences - prompts;
    const auto context =
        static_cast<std::int64_t>(decoding * (load.prompt_tokens + load.output_tokens / 2));
    return mixed_step_s(deployment, {prompts, joining, 0}, decoding, context);
  };
  const double prompts = load.sequences / load.output_tokens;
  const JoiningTokens joining(prompts, load.prompt_tokens);
  SteadyTimes times;
  times.decode_step_s = step_with(0);
  const double usual = std::max(1.0, std::round(prompts));
  times.mean_step_s =
      times.decode_step_s +
      prompts / usual * (step_with(usual * load.prompt_tokens) - times.decode_step_s);
  times.median_itl_s = step_with(joining.quantile(0.5));
  times.p99_itl_s = step_with(joining.quantile(0.99));
  return times;
}

}  // namespace plimsoll
