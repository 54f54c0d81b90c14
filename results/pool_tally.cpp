// Sums over requests, samples and replicas, each in the order of the facts.
#include "results/pool_tally.hpp"

#include <algorithm>

namespace plimsoll {
namespace {

void add_completed(const RequestFact& request, PoolTally& tally) {
  const PoolFacts& pool = *tally.pool;
  const std::int64_t ttft = request.first_token_ns - request.arrival_ns;
  const std::int64_t decode = request.finish_ns - request.first_token_ns;
  const std::int64_t gaps = request.output_tokens - 1;
  const bool ttft_met = pool.slo_ttft_ns == 0 || ttft <= pool.slo_ttft_ns;
  const bool tpot_met = pool.slo_tpot_ns == 0 || gaps < 1 || decode <= pool.slo_tpot_ns * gaps;
  ++tally.completed;
  tally.met_ttft += ttft_met;
  tally.met_tpot += tpot_met;
  tally.met_all += ttft_met && tpot_met;
  tally.ttft_ns.push_back(ttft);
  tally.e2e_ns.push_back(request.finish_ns - request.arrival_ns);
  if (gaps >= 1) tally.tpot_ns.push_back((decode + gaps / 2) / gaps);
}

void add_requests(PoolTally& tally) {
  const auto& requests = tally.pool->requests;
  tally.arrived = requests.size();
  tally.ttft_ns.reserve(requests.size());
  tally.tpot_ns.reserve(requests.size());
  tally.e2e_ns.reserve(requests.size());
  for (const RequestFact& request : requests) {
    tally.preemptions += request.preemptions;
    tally.rejected += request.status == RequestStatus::rejected;
    if (request.first_token_ns != kNoTime) {
      tally.prompt_tokens += static_cast<std::uint64_t>(request.prompt_tokens);
    }
    if (request.status == RequestStatus::completed) add_completed(request, tally);
  }
}

/// A sample stands for the time since the one before it.
void add_samples(PoolTally& tally) {
  const PoolFacts& pool = *tally.pool;
  if (pool.samples.empty()) return;
  tally.output_tokens = pool.samples.back().output_tokens;
  const auto blocks = static_cast<double>(pool.kv_blocks_per_replica * pool.replicas);
  const auto time = static_cast<double>(pool.samples.back().time_ns);
  double block_ns = 0;
  std::int64_t before = 0;
  for (const PoolSample& sample : pool.samples) {
    block_ns +=
        static_cast<double>(sample.kv_used_blocks) * static_cast<double>(sample.time_ns - before);
    before = sample.time_ns;
  }
  if (blocks > 0 && time > 0) tally.kv_use_mean = block_ns / time / blocks;
}

void add_replicas(PoolTally& tally) {
  std::uint64_t peak = 0;
  for (const ReplicaFact& replica : tally.pool->replica_facts) {
    peak = std::max(peak, replica.kv_peak_blocks);
    tally.busy_ns.resize(std::max(tally.busy_ns.size(), replica.busy_ns.size()));
    for (std::size_t n = 0; n < replica.busy_ns.size(); ++n) {
      tally.busy_ns[n] += replica.busy_ns[n];
      tally.busy_total_ns += replica.busy_ns[n];
    }
  }
  const auto blocks = static_cast<double>(tally.pool->kv_blocks_per_replica);
  if (blocks > 0) tally.kv_use_peak = static_cast<double>(peak) / blocks;
}

/// Batches beyond the table draw what its last entry says.
void add_energy(std::int64_t end_ns, PoolTally& tally) {
  const PoolFacts& pool = *tally.pool;
  if (pool.busy_power_w.empty()) return;
  const std::int64_t idle_ns = end_ns * pool.replicas - tally.busy_total_ns;
  double joules_per_gpu = static_cast<double>(idle_ns) * 1e-9 * pool.idle_power_w;
  for (std::size_t n = 0; n < tally.busy_ns.size(); ++n) {
    const double power_w = pool.busy_power_w[std::min(n, pool.busy_power_w.size() - 1)];
    joules_per_gpu += static_cast<double>(tally.busy_ns[n]) * 1e-9 * power_w;
  }
  tally.energy_j = joules_per_gpu * pool.gpus_per_replica;
}

}  // namespace

PoolTally tally(const PoolFacts& pool, std::int64_t end_ns) {
  PoolTally result;
  result.pool = &pool;
  result.gpus = std::uint64_t{pool.replicas} * pool.gpus_per_replica;
  add_requests(result);
  add_samples(result);
  add_replicas(result);
  add_energy(end_ns, result);
  return result;
}

}  // namespace plimsoll
