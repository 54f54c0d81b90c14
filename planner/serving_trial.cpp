// The loop of a trial: clients, and the production replica, driven by its own next event.
#include "planner/serving_trial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/assert.hpp"
#include "planner/trial_requests.hpp"
#include "sim/gateway.hpp"
#include "sim/met_load.hpp"
#include "sim/replica.hpp"

namespace plimsoll {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// A replica whose tokens are seen where they are made.
ReplicaSetup alone(ReplicaSetup setup, const TrialPrefixes& prefixes) {
  setup.prefixes = prefixes.blocks();
  setup.response_latency = Duration{0};
  return setup;
}

class Trial {
 public:
  Trial(const ServingDeployment& deployment, const std::vector<TrialRequest>& requests,
        std::shared_ptr<const PrefixBlocks> blocks)
      : requests_(requests),
        prefixes_(deployment, requests, std::move(blocks)),
        setup_(alone(replica_setup(deployment), prefixes_)),
        slot_{Replica(setup_, 0), 1},
        outcomes_(requests.size()) {}

  const std::vector<TrialOutcome>& run(std::int32_t concurrency) {
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
    return outcomes_;
  }

  /// What it met, once it has run.
  std::vector<std::string> left_ranges(const std::vector<MeasuredRange>& measured,
                                       std::int32_t concurrency) const {
    std::vector<RequestFact> served(requests_.size());
    SimTime end{};
    for (std::size_t i = 0; i < served.size(); ++i) {
      served[i] = {.arrival_ns = to_ns(outcomes_[i].sent),
                   .finish_ns = to_ns(outcomes_[i].finish),
                   .prompt_tokens = requests_[i].prompt_tokens,
                   .output_tokens = requests_[i].output_tokens};
      end = std::max(end, outcomes_[i].finish);
    }
    const double clients = std::min<double>(concurrency, static_cast<double>(served.size()));
    const double in_flight =
        concurrency > 0 ? clients : mean_in_flight(served, ServedPart::whole, 1, to_ns(end));
    return plimsoll::left_ranges(
        measured, ServedLoad{{&slot_.entity.fact(), 1}, served, in_flight, setup_.ranks == 1});
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
    dispatch.prefix = prefixes_.of(request);
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
  TrialPrefixes prefixes_;
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
  check_requests(requests, concurrency, longest_served(deployment));
  return Trial(deployment, requests, std::move(blocks)).run(concurrency);
}

WatchedTrial watch_trial(const ServingDeployment& deployment,
                         const std::vector<TrialRequest>& requests, std::int32_t concurrency,
                         std::shared_ptr<const PrefixBlocks> blocks) {
  check_requests(requests, concurrency, longest_served(deployment));
  Trial trial(deployment, requests, std::move(blocks));
  WatchedTrial watched{trial.run(concurrency), deployment.extrapolations};
  for (std::string& sentence : trial.left_ranges(deployment.measured, concurrency))
    watched.extrapolations.push_back(std::move(sentence));
  return watched;
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
