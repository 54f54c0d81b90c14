// The loop of a trial: clients, and the production replica, driven by its own next event.
#include "planner/serving_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "core/assert.hpp"
#include "core/error.hpp"
#include "sim/gateway.hpp"
#include "sim/replica.hpp"

namespace plimsoll {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

void check(const ServingDeployment& deployment, const std::vector<TrialRequest>& requests,
           std::int32_t concurrency) {
  const Position at{"trial"};
  if (concurrency < 0)
    throw ConfigError(at, fmt::format("concurrency = {} is below 0 (open loop).", concurrency));
  const std::int64_t longest = std::min<std::int64_t>(deployment.max_model_len,
                                                      deployment.kv_blocks * deployment.block_size);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const TrialRequest& request = requests[i];
    const auto refuse = [&](const std::string& fault) {
      throw ConfigError(at, fmt::format("request {} {}", i, fault));
    };
    if (request.prompt_tokens < 1 || request.output_tokens < 1)
      refuse(fmt::format("has {} prompt and {} output tokens; both are at least 1.",
                         request.prompt_tokens, request.output_tokens));
    if (std::int64_t{request.prompt_tokens} + request.output_tokens > longest)
      refuse(fmt::format("has {} + {} tokens, but the deployment serves {} at most.",
                         request.prompt_tokens, request.output_tokens, longest));
    if (request.prefix_tokens < 0 || request.prefix_tokens > request.prompt_tokens)
      refuse(fmt::format("shares {} of {} prompt tokens.", request.prefix_tokens,
                         request.prompt_tokens));
    if (concurrency == 0 && request.at < (i == 0 ? SimTime{} : requests[i - 1].at))
      refuse("is sent before the one that precedes it.");
  }
}

/// The ids of the longest prefix: those of shorter ones are its beginning. Null where nothing is shared.
std::shared_ptr<const PrefixBlocks> prefix_of(const ServingDeployment& deployment,
                                              const std::vector<TrialRequest>& requests) {
  std::int32_t longest = 0;
  for (const TrialRequest& request : requests) longest = std::max(longest, request.prefix_tokens);
  if (longest == 0 || !deployment.prefix_caching) return nullptr;
  PrefixBlocks blocks;
  blocks.block_tokens = deployment.block_size;
  blocks.ids.resize(static_cast<std::size_t>(longest / deployment.block_size));
  std::iota(blocks.ids.begin(), blocks.ids.end(), 0u);
  return std::make_shared<const PrefixBlocks>(std::move(blocks));
}

ReplicaSetup setup_of(const ServingDeployment& deployment,
                      const std::vector<TrialRequest>& requests,
                      std::shared_ptr<const PrefixBlocks> blocks) {
  ReplicaSetup setup;
  setup.step_time = deployment.step_time;
  setup.scheduler = deployment.scheduler;
  setup.ranks = deployment.parallelism.data;
  setup.front_end = deployment.front_end;
  setup.front_end_per_token_s = deployment.front_end_per_token_s;
  setup.max_num_seqs = deployment.max_num_seqs;
  setup.max_num_batched_tokens = deployment.max_num_batched_tokens;
  setup.block_tokens = deployment.block_size;
  setup.kv_blocks = deployment.kv_blocks;
  setup.prefixes = !blocks                     ? prefix_of(deployment, requests)
                   : deployment.prefix_caching ? std::move(blocks)
                                               : nullptr;
  setup.response_latency = Duration{0};  // tokens are seen where they are made
  return setup;
}

class Trial {
 public:
  Trial(const ServingDeployment& deployment, const std::vector<TrialRequest>& requests,
        std::shared_ptr<const PrefixBlocks> blocks)
      : requests_(requests),
        own_prefixes_(blocks != nullptr),
        setup_(setup_of(deployment, requests, std::move(blocks))),
        slot_{Replica(setup_, 0), 1},
        outcomes_(requests.size()) {}

  std::vector<TrialOutcome> run(std::int32_t concurrency) {
    const bool closed = concurrency > 0;
    const auto clients = static_cast<std::size_t>(concurrency);
    const std::size_t first = closed ? std::min(clients, requests_.size()) : requests_.size();
    while (sent_ < first) send(closed ? SimTime{} : requests_[sent_].at);
    Replica& replica = slot_.entity;
    for (std::size_t answered = 0; answered < requests_.size();) {
      const SimTime now = step();
      for (const FinishedRequest& finished : replica.finished()) {
        TrialOutcome& outcome = outcomes_[finished.request];
        outcome.first_token = at_ns(finished.first_token_ns);
        outcome.finish = at_ns(finished.finish_ns);
        ++answered;
        if (sent_ < requests_.size()) send(now);
      }
      replica.finished().clear();
      replica.itl_runs().clear();
    }
    return std::move(outcomes_);
  }

 private:
  /// The next request leaves its client, and is at once with the replica's front end.
  void send(SimTime now) {
    const TrialRequest& request = requests_[sent_];
    Dispatch dispatch;
    dispatch.lands_at = now;
    dispatch.request = static_cast<std::uint32_t>(sent_);
    dispatch.prompt_tokens = request.prompt_tokens;
    dispatch.output_tokens = request.output_tokens;
    if (setup_.prefixes && own_prefixes_)
      dispatch.prefix = request.prefix;
    else if (setup_.prefixes)
      dispatch.prefix.count =
          static_cast<std::uint32_t>(request.prefix_tokens / setup_.block_tokens);
    slot_.entity.send(dispatch);
    outcomes_[sent_++].sent = now;
  }

  /// The replica's next event; its time.
  SimTime step() {
    Replica& replica = slot_.entity;
    const SimTime landing = replica.wire().empty() ? kNever : replica.wire().front().lands_at;
    const SimTime wake = replica.wakes_at();
    const SimTime now = std::min(landing, wake);
    PLIMSOLL_ASSERT(now < kNever, "a trial stands still with {} of {} requests sent", sent_,
                    requests_.size());
    Context<Replica> context(now, slot_, outbox_);
    if (landing <= wake) {
      replica.on(RequestArrived{}, context);
    } else {
      replica.on(StepDone{replica.generation()}, context);
    }
    outbox_.clear();
    return now;
  }

  const std::vector<TrialRequest>& requests_;
  bool own_prefixes_;  ///< TrialRequest::prefix counts, not prefix_tokens
  ReplicaSetup setup_;
  Slot<Replica> slot_;
  Outbox outbox_;
  std::size_t sent_ = 0;
  std::vector<TrialOutcome> outcomes_;
};

/// Mean, median and 99th percentile; quantiles as numpy's default ("linear"). NaN where there is no value.
struct Spread {
  double mean = kNoValue;
  double median = kNoValue;
  double p99 = kNoValue;
};

double quantile(std::vector<double>& values, double share) {
  const double rank = share * static_cast<double>(values.size() - 1);
  const auto low = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), low, values.end());
  const double below = *low;
  const double above = low + 1 == values.end() ? below : *std::min_element(low + 1, values.end());
  return below + (rank - std::floor(rank)) * (above - below);
}

Spread spread_of(std::vector<double>& values) {
  if (values.empty()) return {};
  double sum = 0;
  for (const double value : values) sum += value;
  return {sum / static_cast<double>(values.size()), quantile(values, 0.5), quantile(values, 0.99)};
}

}  // namespace

double TrialOutcome::ttft_s() const { return to_seconds(first_token - sent); }

double TrialOutcome::tpot_s(std::int32_t output_tokens) const {
  if (output_tokens < 2) return kNoValue;
  return to_seconds(finish - first_token) / (output_tokens - 1);
}

std::vector<TrialOutcome> run_trial(const ServingDeployment& deployment,
                                    const std::vector<TrialRequest>& requests,
                                    std::int32_t concurrency,
                                    std::shared_ptr<const PrefixBlocks> blocks) {
  check(deployment, requests, concurrency);
  return Trial(deployment, requests, std::move(blocks)).run(concurrency);
}

TrialSummary summarize(const std::vector<TrialRequest>& requests,
                       const std::vector<TrialOutcome>& outcomes) {
  PLIMSOLL_ASSERT(requests.size() == outcomes.size(), "{} requests, {} outcomes", requests.size(),
                  outcomes.size());
  std::vector<double> ttft, tpot, e2e;
  double tokens = 0;
  SimTime first_sent = kNever;
  SimTime last_finish{};
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const TrialOutcome& outcome = outcomes[i];
    ttft.push_back(outcome.ttft_s());
    e2e.push_back(to_seconds(outcome.finish - outcome.sent));
    if (requests[i].output_tokens > 1) tpot.push_back(outcome.tpot_s(requests[i].output_tokens));
    tokens += requests[i].output_tokens;
    first_sent = std::min(first_sent, outcome.sent);
    last_finish = std::max(last_finish, outcome.finish);
  }
  const Spread ttfts = spread_of(ttft);
  const Spread tpots = spread_of(tpot);
  TrialSummary summary;
  summary.mean_ttft_s = ttfts.mean;
  summary.median_ttft_s = ttfts.median;
  summary.p99_ttft_s = ttfts.p99;
  summary.mean_tpot_s = tpots.mean;
  summary.median_tpot_s = tpots.median;
  summary.p99_tpot_s = tpots.p99;
  summary.mean_e2e_s = spread_of(e2e).mean;
  if (requests.empty()) return summary;
  summary.duration_s = to_seconds(last_finish - first_sent);
  summary.output_tokens_per_s = tokens / summary.duration_s;
  return summary;
}

}  // namespace plimsoll
