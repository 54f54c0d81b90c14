#include "planner/validation/serving_rate.hpp"

#include <algorithm>
#include <vector>

#include "core/exponential.hpp"
#include "core/random_stream.hpp"

namespace plimsoll {
namespace {

std::vector<TrialRequest> draw_requests(const LoadShape& shape, std::int32_t longest,
                                        std::size_t count) {
  const RandomStream draws(0, "validation/serving_rate", "lengths");
  const auto length = [&](std::int32_t mean, std::uint64_t index, std::uint64_t lane) {
    const auto span = static_cast<std::uint32_t>(mean + 1);
    return std::max(1, mean / 2 + static_cast<std::int32_t>(below(span, draws.bits(index, lane))));
  };
  std::vector<TrialRequest> requests(count);
  for (std::size_t i = 0; i < count; ++i) {
    requests[i].output_tokens = length(shape.mean_output_tokens, i, 1);
    requests[i].prompt_tokens =
        std::min(length(shape.mean_prompt_tokens, i, 0), longest - requests[i].output_tokens);
  }
  return requests;
}

/// As many clients as the batch and the KV cache hold in the mean, their answers half done.
std::int32_t clients_of(const ServingDeployment& deployment, const LoadShape& shape) {
  const std::int64_t ranks = deployment.parallelism.data;
  const std::int64_t tokens = deployment.kv_blocks * deployment.block_size * ranks;
  const std::int64_t room = tokens / (shape.mean_prompt_tokens + shape.mean_output_tokens / 2 + 1);
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(room, 1, deployment.max_num_seqs * ranks));
}

void send_at_rate(std::vector<TrialRequest>& requests, double requests_per_s) {
  const RandomStream draws(0, "validation/serving_rate", "arrivals");
  double at = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    at += standard_exponential(draws.bits(i)) / requests_per_s;
    requests[i].at = SimTime{} + from_seconds(at);
  }
}

}  // namespace

double saturated_rate(const ServingDeployment& deployment, const LoadShape& shape) {
  const std::int32_t clients = clients_of(deployment, shape);
  const auto requests =
      draw_requests(shape, deployment.max_model_len, 6 * static_cast<std::size_t>(clients) + 16);
  const auto outcomes = run_trial(deployment, requests, clients);
  std::vector<std::pair<SimTime, std::int32_t>> finishes;
  for (std::size_t i = 0; i < requests.size(); ++i)
    finishes.emplace_back(outcomes[i].finish, requests[i].output_tokens);
  std::sort(finishes.begin(), finishes.end());
  const std::size_t from = finishes.size() / 4;
  const std::size_t to = finishes.size() * 3 / 4;
  double tokens = 0;
  for (std::size_t i = from + 1; i <= to; ++i) tokens += finishes[i].second;
  return tokens / to_seconds(finishes[to].first - finishes[from].first);
}

double limited_rate(const ServingDeployment& deployment, const LoadShape& shape,
                    const LatencyLimits& limits, double saturated) {
  const auto clients = static_cast<std::size_t>(clients_of(deployment, shape));
  auto requests = draw_requests(shape, deployment.max_model_len, 1000 + 4 * clients);
  const auto holds = [&](double tokens_per_s) {
    send_at_rate(requests, tokens_per_s / shape.mean_output_tokens);
    const TrialSummary seen = summarize(requests, run_trial(deployment, requests, 0));
    return seen.p99_ttft_s <= limits.ttft_s && seen.p99_tpot_s <= limits.tpot_s;
  };
  double low = 0.01 * saturated;
  double high = 1.05 * saturated;
  if (!holds(low)) return 0;
  while (high > 1.02 * low) {
    const double middle = (low + high) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace plimsoll
