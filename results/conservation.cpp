// Laws that the facts of every run keep, checked from the facts alone.
#include <fmt/format.h>

#include <array>

#include "results/job_laws.hpp"
#include "results/summary.hpp"

namespace plimsoll {
namespace {

using Faults = std::vector<std::string>;

void check_sum(const PoolFacts& pool, const PoolSample& sample, Faults& faults) {
  const std::uint64_t accounted = sample.completed + sample.rejected + sample.in_flight +
                                  sample.queued + sample.running + sample.transferring;
  if (sample.arrived == accounted) return;
  faults.push_back(fmt::format(
      "pool {}, {} ns: {} requests arrived, but {} completed + {} rejected + {} in flight + "
      "{} queued + {} running + {} transferring = {}",
      pool.name, sample.time_ns, sample.arrived, sample.completed, sample.rejected,
      sample.in_flight, sample.queued, sample.running, sample.transferring, accounted));
}

void check_order(const PoolFacts& pool, const PoolSample& before, const PoolSample& sample,
                 Faults& faults) {
  const bool forward = before.time_ns <= sample.time_ns && before.arrived <= sample.arrived &&
                       before.completed <= sample.completed && before.rejected <= sample.rejected &&
                       before.preempted <= sample.preempted &&
                       before.output_tokens <= sample.output_tokens &&
                       before.busy_ns <= sample.busy_ns;
  if (forward) return;
  faults.push_back(fmt::format("pool {}, {} ns: a cumulative count is smaller than at {} ns",
                               pool.name, sample.time_ns, before.time_ns));
}

void check_capacity(const PoolFacts& pool, const PoolSample& sample, Faults& faults) {
  const std::uint64_t blocks = pool.kv_blocks();
  if (sample.kv_used_blocks > blocks) {
    faults.push_back(fmt::format("pool {}, {} ns: {} KV blocks in use of {}", pool.name,
                                 sample.time_ns, sample.kv_used_blocks, blocks));
  }
  if (sample.busy_ns > sample.time_ns * pool.all_replicas()) {
    faults.push_back(fmt::format("pool {}, {} ns: replicas were busy for {} ns, longer than that",
                                 pool.name, sample.time_ns, sample.busy_ns));
  }
}

void check_prefixes(const PoolFacts& pool, Faults& faults) {
  for (const RequestFact& request : pool.requests) {
    if (request.cached_tokens == 0) continue;
    if (request.cached_tokens > 0 && request.cached_tokens < request.prompt_tokens) continue;
    faults.push_back(fmt::format("pool {}: a prefix of {} tokens was found of a prompt of {}",
                                 pool.name, request.cached_tokens, request.prompt_tokens));
    return;
  }
}

/// The last sample counts what the requests say of themselves.
void check_end(const PoolFacts& pool, Faults& faults) {
  std::array<std::uint64_t, 6> of_status{};
  for (const RequestFact& request : pool.requests) {
    ++of_status.at(static_cast<std::size_t>(request.status));
  }
  const PoolSample last = pool.samples.empty() ? PoolSample{} : pool.samples.back();
  const std::array<std::uint64_t, 6> sampled = {last.in_flight, last.queued,   last.running,
                                                last.completed, last.rejected, last.transferring};
  if (last.arrived == pool.requests.size() && sampled == of_status) return;
  faults.push_back(fmt::format(
      "pool {}: the last sample has {} arrived ({} requests) and in flight, queued, running, "
      "completed, rejected, transferring {} (the requests' status: {})",
      pool.name, last.arrived, pool.requests.size(), fmt::join(sampled, ", "),
      fmt::join(of_status, ", ")));
}

/// A transfer joins a prefill replica and a decode replica, and its milestones are in order.
void check_transfers(const PoolFacts& pool, Faults& faults) {
  for (const KvTransferFact& transfer : pool.kv_transfers) {
    const bool between = transfer.from < pool.prefill.replicas &&
                         transfer.to >= pool.prefill.replicas && transfer.to < pool.all_replicas();
    const bool ended = transfer.end_ns != kNoTime;
    const bool begun = transfer.begin_ns != kNoTime;
    const bool forward = (!begun || transfer.prefilled_ns < transfer.begin_ns) &&
                         (!ended || (begun && transfer.begin_ns < transfer.end_ns));
    if (between && forward && transfer.request < pool.requests.size()) continue;
    faults.push_back(fmt::format(
        "pool {}: the KV cache of request {} went from replica {} to {}, prefilled at {} ns, from "
        "{} ns to {} ns",
        pool.name, transfer.request, transfer.from, transfer.to, transfer.prefilled_ns,
        transfer.begin_ns, transfer.end_ns));
  }
}

}  // namespace

std::vector<std::string> check_conservation(const RunFacts& facts) {
  Faults faults;
  for (const PoolFacts& pool : facts.pools) {
    PoolSample before;
    for (const PoolSample& sample : pool.samples) {
      check_sum(pool, sample, faults);
      check_order(pool, before, sample, faults);
      check_capacity(pool, sample, faults);
      before = sample;
    }
    check_prefixes(pool, faults);
    check_end(pool, faults);
    check_transfers(pool, faults);
  }
  if (!facts.jobs) return faults;
  for (std::string& fault : check_jobs(*facts.jobs, facts.end_ns))
    faults.push_back(std::move(fault));
  return faults;
}

}  // namespace plimsoll
