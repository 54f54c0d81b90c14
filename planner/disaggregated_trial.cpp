// The pool of a run, fed by clients that wait for their answers.
#include "planner/disaggregated_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "core/assert.hpp"
#include "core/error.hpp"
#include "policies/registry.hpp"
#include "sim/kernel/partition.hpp"
#include "sim/pool.hpp"

namespace plimsoll {
namespace {

std::int64_t longest_served(const ServingDeployment& deployment) {
  return std::min<std::int64_t>(deployment.max_model_len,
                                deployment.kv_blocks * deployment.block_size);
}

void check(const ServingDeployment& prefill, std::int32_t prefill_workers,
           const ServingDeployment& decode, std::int32_t decode_workers,
           const std::vector<TrialRequest>& requests, std::int32_t concurrency) {
  const auto refuse = [](const std::string& fault) { throw ConfigError(Position{"trial"}, fault); };
  if (concurrency < 0) refuse(fmt::format("concurrency = {} is below 0 (open loop).", concurrency));
  if (prefill_workers < 1 || decode_workers < 1)
    refuse(fmt::format("{} prefill and {} decode workers; each part needs at least one.",
                       prefill_workers, decode_workers));
  if (prefill.block_size != decode.block_size)
    refuse(
        fmt::format("KV blocks of {} tokens where prompts are prefilled, of {} where they are "
                    "decoded; a block that is handed over must fit.",
                    prefill.block_size, decode.block_size));
  const std::int64_t longest = std::min(longest_served(prefill), longest_served(decode));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const TrialRequest& request = requests[i];
    if (request.prompt_tokens < 1 || request.output_tokens < 1)
      refuse(fmt::format("request {} has {} prompt and {} output tokens; both are at least 1.", i,
                         request.prompt_tokens, request.output_tokens));
    if (std::int64_t{request.prompt_tokens} + request.output_tokens > longest)
      refuse(fmt::format("request {} has {} + {} tokens, but the deployments serve {} at most.", i,
                         request.prompt_tokens, request.output_tokens, longest));
    if (request.prefix_tokens < 0 || request.prefix_tokens > request.prompt_tokens)
      refuse(fmt::format("request {} shares {} of {} prompt tokens.", i, request.prefix_tokens,
                         request.prompt_tokens));
    if (concurrency == 0 && request.at < (i == 0 ? SimTime{} : requests[i - 1].at))
      refuse(fmt::format("request {} is sent before the one that precedes it.", i));
  }
}

ReplicaSetup setup_of(const ServingDeployment& deployment) {
  ReplicaSetup setup;
  setup.step_time = deployment.step_time;
  setup.scheduler = deployment.scheduler;
  setup.ranks = deployment.parallelism.data;
  setup.max_num_seqs = deployment.max_num_seqs;
  setup.max_num_batched_tokens = deployment.max_num_batched_tokens;
  setup.block_tokens = deployment.block_size;
  setup.kv_blocks = deployment.kv_blocks;
  return setup;
}

/// The ids of the longest prefix: those of shorter ones are its beginning. Null where nothing is shared.
std::shared_ptr<const PrefixBlocks> prefixes_of(const ServingDeployment& deployment,
                                                const std::vector<TrialRequest>& requests) {
  std::int32_t longest = 0;
  for (const TrialRequest& request : requests) longest = std::max(longest, request.prefix_tokens);
  if (longest < deployment.block_size || !deployment.prefix_caching) return nullptr;
  PrefixBlocks blocks;
  blocks.block_tokens = deployment.block_size;
  blocks.ids.resize(static_cast<std::size_t>(longest / deployment.block_size));
  std::iota(blocks.ids.begin(), blocks.ids.end(), 0u);
  return std::make_shared<const PrefixBlocks>(std::move(blocks));
}

std::shared_ptr<const PoolSetup> pool_setup(const ServingDeployment& prefill,
                                            std::int32_t prefill_workers,
                                            const ServingDeployment& decode,
                                            std::int32_t decode_workers, const KvLink& link,
                                            const std::vector<TrialRequest>& requests) {
  PoolSetup pool;
  pool.first_id = 1;
  pool.constants.name = "trial";
  pool.gateway.pool = pool.constants.name;
  pool.gateway.max_model_len = std::min(prefill.max_model_len, decode.max_model_len);
  const std::size_t digits = std::to_string(prefill_workers - 1).size();
  for (std::int32_t row = 0; row < prefill_workers; ++row) {
    pool.gateway.replicas.push_back(fmt::format("prefill-{:0{}}", row, digits));
  }
  pool.replica = setup_of(prefill);
  pool.replica.front_end = prefill.front_end;
  pool.replica.front_end_per_token_s = prefill.front_end_per_token_s;
  pool.replica.prefixes = prefixes_of(prefill, requests);
  pool.replica.gateway = pool.gateway_id();
  pool.replica.reports_responses = true;  // for active_request, and for the clients
  DecodeSetup decoding;
  decoding.replica = setup_of(decode);
  decoding.replicas = static_cast<std::uint32_t>(decode_workers);
  decoding.transfers.link = link;
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

/// A pool whose clients send their next request with the last token of the one before.
class TrialWorld {
 public:
  TrialWorld(const std::shared_ptr<const PoolSetup>& setup,
             const std::vector<TrialRequest>& requests, std::int32_t concurrency)
      : requests_(&requests),
        prefix_block_(setup->replica.prefixes ? setup->replica.prefixes->block_tokens : 0),
        sent_(std::make_shared<std::vector<Arrival>>()),
        pool_(make_pool(setup, requests, concurrency)) {}

  Pool& pool() { return pool_; }

  OrderKey next_external() const { return pool_.next_external(); }
  void external(Outbox& outbox) { pool_.external(outbox); }
  void handle(const Event& event, Outbox& outbox) {
    pool_.handle(event, outbox);
    const bool answered = event.target == pool_.setup().gateway_id() &&
                          event.kind == kind_of<ResponseSeen, Gateway::Events>();
    if (!answered || next_ == requests_->size()) return;
    send(event.key.at());
    pool_.resume_arrivals();
  }
  static std::uint32_t partition_of(const Event&) { return 0; }

 private:
  Pool make_pool(const std::shared_ptr<const PoolSetup>& setup,
                 const std::vector<TrialRequest>& requests, std::int32_t concurrency) {
    const bool closed = concurrency > 0;
    const auto clients = static_cast<std::size_t>(concurrency);
    const std::size_t first = closed ? std::min(clients, requests.size()) : requests.size();
    while (next_ < first) send(closed ? SimTime{} : requests[next_].at);
    auto policy = builtin_policies().routing("active_request")->make({0, "trial/gateway"});
    return {setup, std::move(policy), ArrivalCursor(std::make_unique<SentRequests>(sent_), kNever)};
  }

  void send(SimTime now) {
    const TrialRequest& request = (*requests_)[next_++];
    Arrival arrival{now, request.prompt_tokens, request.output_tokens};
    if (prefix_block_ > 0)
      arrival.prefix.count = static_cast<std::uint32_t>(request.prefix_tokens / prefix_block_);
    sent_->push_back(arrival);
  }

  const std::vector<TrialRequest>* requests_;
  std::int32_t prefix_block_;  ///< tokens; 0: nothing is found again
  std::size_t next_ = 0;
  std::shared_ptr<std::vector<Arrival>> sent_;
  Pool pool_;
};

}  // namespace

std::vector<TrialOutcome> run_disaggregated_trial(const ServingDeployment& prefill,
                                                  std::int32_t prefill_workers,
                                                  const ServingDeployment& decode,
                                                  std::int32_t decode_workers, const KvLink& link,
                                                  const std::vector<TrialRequest>& requests,
                                                  std::int32_t concurrency) {
  check(prefill, prefill_workers, decode, decode_workers, requests, concurrency);
  Partition<TrialWorld> trial(
      TrialWorld(pool_setup(prefill, prefill_workers, decode, decode_workers, link, requests),
                 requests, concurrency));
  trial.run_until(kNever);
  const PoolFacts facts = trial.world().pool().take_facts(SimTime{});
  std::vector<TrialOutcome> outcomes;
  for (const RequestFact& fact : facts.requests) {
    PLIMSOLL_ASSERT(fact.status == RequestStatus::completed, "request {} of a trial is not done",
                    outcomes.size());
    outcomes.push_back({at_ns(fact.arrival_ns), at_ns(fact.first_token_ns), at_ns(fact.finish_ns)});
  }
  return outcomes;
}

}  // namespace plimsoll
