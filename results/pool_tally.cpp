// Sums over requests, samples and replicas, each in the order of the facts.
#include "results/pool_tally.hpp"

#include <algorithm>
#include <span>

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
      tally.cached_tokens += static_cast<std::uint64_t>(request.cached_tokens);
    }
    if (request.status == RequestStatus::completed) add_completed(request, tally);
  }
}

void add_transfers(PoolTally& tally) {
  for (const KvTransferFact& transfer : tally.pool->kv_transfers) {
    if (transfer.end_ns == kNoTime) continue;
    tally.kv_transfer_ns.push_back(transfer.end_ns - transfer.begin_ns);
    tally.kv_transfer_wait_ns.push_back(transfer.begin_ns - transfer.prefilled_ns);
  }
}

/// A sample stands for the time since the one before it.
void add_samples(PoolTally& tally) {
  const PoolFacts& pool = *tally.pool;
  if (pool.samples.empty()) return;
  tally.output_tokens = pool.samples.back().output_tokens;
  const auto blocks = static_cast<double>(pool.kv_blocks());
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

/// What one replica of a group has in the way of KV blocks and GPUs.
struct GroupSize {
  std::uint64_t kv_blocks = 0;
  std::uint32_t gpus = 0;
};

GroupSize group_of(const PoolFacts& pool, std::size_t replica) {
  if (replica < pool.prefill.replicas) {
    return {pool.prefill.kv_blocks_per_replica, pool.prefill.gpus_per_replica};
  }
  return {pool.kv_blocks_per_replica, pool.gpus_per_replica};
}

void add_replicas(PoolTally& tally) {
  const PoolFacts& pool = *tally.pool;
  for (std::size_t i = 0; i < pool.replica_facts.size(); ++i) {
    const ReplicaFact& replica = pool.replica_facts[i];
    const GroupSize group = group_of(pool, i);
    if (group.kv_blocks > 0) {
      tally.kv_use_peak = std::max(tally.kv_use_peak, static_cast<double>(replica.kv_peak_blocks) /
                                                          static_cast<double>(group.kv_blocks));
    }
    tally.busy_ns.resize(std::max(tally.busy_ns.size(), replica.busy_ns.size()));
    std::int64_t busy_ns = 0;
    for (std::size_t n = 0; n < replica.busy_ns.size(); ++n) {
      tally.busy_ns[n] += replica.busy_ns[n];
      busy_ns += replica.busy_ns[n];
    }
    tally.busy_total_ns += busy_ns;
    tally.gpu_busy_s += static_cast<double>(busy_ns) * 1e-9 * group.gpus;
  }
}

/// What one GPU of each of these replicas draws, all together. Batches beyond the table draw what its last entry says.
double joules_per_gpu(std::span<const ReplicaFact> replicas, std::uint32_t count,
                      std::int64_t end_ns, double idle_power_w,
                      const std::vector<double>& busy_power_w) {
  std::vector<std::int64_t> busy_ns;
  std::int64_t idle_ns = end_ns * count;
  for (const ReplicaFact& replica : replicas) {
    busy_ns.resize(std::max(busy_ns.size(), replica.busy_ns.size()));
    for (std::size_t n = 0; n < replica.busy_ns.size(); ++n) {
      busy_ns[n] += replica.busy_ns[n];
      idle_ns -= replica.busy_ns[n];
    }
  }
  double joules = static_cast<double>(idle_ns) * 1e-9 * idle_power_w;
  for (std::size_t n = 0; n < busy_ns.size(); ++n) {
    const double power_w = busy_power_w[std::min(n, busy_power_w.size() - 1)];
    joules += static_cast<double>(busy_ns[n]) * 1e-9 * power_w;
  }
  return joules;
}

void add_energy(std::int64_t end_ns, PoolTally& tally) {
  const PoolFacts& pool = *tally.pool;
  const PrefillGroup& prefill = pool.prefill;
  if (pool.busy_power_w.empty() || (prefill.replicas > 0 && prefill.busy_power_w.empty())) return;
  const std::span<const ReplicaFact> replicas(pool.replica_facts);
  const std::size_t decode = std::min<std::size_t>(prefill.replicas, replicas.size());
  double joules = joules_per_gpu(replicas.subspan(decode), pool.replicas, end_ns, pool.idle_power_w,
                                 pool.busy_power_w) *
                  pool.gpus_per_replica;
  if (prefill.replicas > 0) {
    joules += joules_per_gpu(replicas.first(decode), prefill.replicas, end_ns, prefill.idle_power_w,
                             prefill.busy_power_w) *
              prefill.gpus_per_replica;
  }
  tally.energy_j = joules;
}

}  // namespace

PoolTally tally(const PoolFacts& pool, std::int64_t end_ns) {
  PoolTally result;
  result.pool = &pool;
  result.gpus = pool.gpus();
  add_requests(result);
  add_transfers(result);
  add_samples(result);
  add_replicas(result);
  add_energy(end_ns, result);
  return result;
}

}  // namespace plimsoll
