// The pool of a run, fed by clients that wait for their answers.
#include "planner/disaggregated_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/assert.hpp"
#include "core/error.hpp"
#include "planner/trial_requests.hpp"
#include "policies/registry.hpp"
#include "sim/kernel/partition.hpp"
#include "sim/pool.hpp"

namespace plimsoll {
namespace {

void check(const DisaggregatedWorkers& workers, std::span<const TrialRun> runs) {
  const auto refuse = [](const std::string& fault) { throw ConfigError(Position{"trial"}, fault); };
  const ServingDeployment& prefill = workers.prefill;
  const ServingDeployment& decode = workers.decode;
  if (workers.prefill_workers < 1 || workers.decode_workers < 1)
    refuse(fmt::format("{} prefill and {} decode workers; each part needs at least one.",
                       workers.prefill_workers, workers.decode_workers));
  if (prefill.block_size != decode.block_size)
    refuse(
        fmt::format("KV blocks of {} tokens where prompts are prefilled, of {} where they are "
                    "decoded; a block that is handed over must fit.",
                    prefill.block_size, decode.block_size));
  const std::int64_t longest = std::min(longest_served(prefill), longest_served(decode));
  for (const TrialRun& run : runs) check_requests(run.requests, run.concurrency, longest);
}

std::vector<TrialRequest> requests_of(std::span<const TrialRun> runs) {
  std::vector<TrialRequest> all;
  for (const TrialRun& run : runs) all.insert(all.end(), run.requests.begin(), run.requests.end());
  return all;
}

std::shared_ptr<const PoolSetup> pool_setup(const DisaggregatedWorkers& workers,
                                            const TrialPrefixes& prefixes) {
  PoolSetup pool;
  pool.first_id = 1;
  pool.constants.name = "trial";
  pool.gateway.pool = pool.constants.name;
  pool.gateway.max_model_len =
      std::min(workers.prefill.max_model_len, workers.decode.max_model_len);
  pool.gateway.decode_in_turn = workers.in_turn;
  const std::size_t digits = std::to_string(workers.prefill_workers - 1).size();
  for (std::int32_t row = 0; row < workers.prefill_workers; ++row) {
    pool.gateway.replicas.push_back(fmt::format("prefill-{:0{}}", row, digits));
  }
  pool.replica = replica_setup(workers.prefill);
  pool.replica.prefixes = prefixes.blocks();
  pool.replica.gateway = pool.gateway_id();
  pool.replica.reports_responses = true;  // for active_request, and for the clients
  DecodeSetup decoding;
  decoding.replica = replica_setup(workers.decode);
  decoding.replica.front_end = Duration{0};  // the prompt has been read on its way in
  decoding.replica.front_end_per_token_s = 0;
  decoding.replicas = static_cast<std::uint32_t>(workers.decode_workers);
  decoding.transfers.link = workers.link;
  pool.decode = decoding;
  pool.join_roles();
  return std::make_shared<const PoolSetup>(std::move(pool));
}

/// The requests that have been sent, as a stream that may go on after its end.
class SentRequests final : public ArrivalStream {
 public:
  explicit SentRequests(std::shared_ptr<std::vector<Arrival>> sent) : sent_(std::move(sent)) {}
  void next(std::vector<Arrival>& block) override { block = std::exchange(*sent_, {}); }
  SimTime expected_end() const override { return kNever; }
  std::unique_ptr<ArrivalStream> clone() const override {
    return std::make_unique<SentRequests>(*this);
  }

 private:
  std::shared_ptr<std::vector<Arrival>> sent_;  ///< shared with the clients, who add to it
};

/// A pool whose clients send their next request with the last token of the one before, and the first of a run with the
/// last token of the run before.
class TrialWorld {
 public:
  TrialWorld(const DisaggregatedWorkers& workers, std::span<const TrialRun> runs,
             const TrialPrefixes& prefixes)
      : runs_(runs),
        prefixes_(&prefixes),
        sent_(std::make_shared<std::vector<Arrival>>()),
        pool_(make_pool(workers, prefixes)) {}

  Pool& pool() { return pool_; }

  OrderKey next_external() const { return pool_.next_external(); }
  void external(Outbox& outbox) { pool_.external(outbox); }
  void handle(const Event& event, Outbox& outbox) {
    pool_.handle(event, outbox);
    const bool answered = event.target == pool_.setup().gateway_id() &&
                          event.kind == kind_of<ResponseSeen, Gateway::Events>();
    if (!answered) return;
    send_after_answer(event.key.at());
    pool_.resume_arrivals();
  }
  static std::uint32_t partition_of(const Event&) { return 0; }

 private:
  Pool make_pool(const DisaggregatedWorkers& workers, const TrialPrefixes& prefixes) {
    begin_run(SimTime{});
    auto policy = builtin_policies()
                      .routing(workers.in_turn ? "round_robin" : "active_request")
                      ->make({0, "trial/gateway"});
    return {pool_setup(workers, prefixes), std::move(policy),
            ArrivalCursor(std::make_unique<SentRequests>(sent_), kNever)};
  }

  void begin_run(SimTime now) {
    next_ = 0;
    answered_ = 0;
    const TrialRun& run = runs_.front();
    const bool closed = run.concurrency > 0;
    const std::size_t first =
        closed ? std::min(static_cast<std::size_t>(run.concurrency), run.requests.size())
               : run.requests.size();
    while (next_ < first) send(closed ? now : now + (run.requests[next_].at - SimTime{}));
  }

  void send_after_answer(SimTime now) {
    const std::size_t requests = runs_.front().requests.size();
    if (next_ < requests) send(now);
    if (++answered_ < requests) return;
    runs_ = runs_.subspan(1);
    if (!runs_.empty()) begin_run(now);
  }

  void send(SimTime at) {
    const TrialRequest& request = runs_.front().requests[next_++];
    Arrival arrival{at, request.prompt_tokens, request.output_tokens};
    arrival.prefix = prefixes_->of(request);
    sent_->push_back(arrival);
  }

  std::span<const TrialRun> runs_;  ///< the one that runs, and those that follow
  const TrialPrefixes* prefixes_;
  std::size_t next_ = 0;      ///< of the run's requests
  std::size_t answered_ = 0;  ///< of them
  std::shared_ptr<std::vector<Arrival>> sent_;
  Pool pool_;
};

}  // namespace

std::vector<std::vector<TrialOutcome>> run_disaggregated_trials(
    const DisaggregatedWorkers& workers, std::span<const TrialRun> runs,
    std::shared_ptr<const PrefixBlocks> blocks) {
  check(workers, runs);
  const TrialPrefixes prefixes(workers.prefill, requests_of(runs), std::move(blocks));
  Partition<TrialWorld> trial(TrialWorld(workers, runs, prefixes));
  trial.run_until(kNever);
  const PoolFacts facts = trial.world().pool().take_facts(SimTime{});
  std::vector<std::vector<TrialOutcome>> outcomes(runs.size());
  auto fact = facts.requests.begin();
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (std::size_t i = 0; i < runs[run].requests.size(); ++i, ++fact) {
      PLIMSOLL_ASSERT(fact->status == RequestStatus::completed,
                      "request {} of run {} of a trial is not done", i, run);
      outcomes[run].push_back(
          {at_ns(fact->arrival_ns), at_ns(fact->first_token_ns), at_ns(fact->finish_ns)});
    }
  }
  return outcomes;
}

std::vector<TrialOutcome> run_disaggregated_trial(const DisaggregatedWorkers& workers,
                                                  const std::vector<TrialRequest>& requests,
                                                  std::int32_t concurrency) {
  const TrialRun run{requests, concurrency};
  return run_disaggregated_trials(workers, {&run, 1}).front();
}

}  // namespace plimsoll
