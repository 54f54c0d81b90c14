#include "policies/node_fit.hpp"

#include <algorithm>
#include <bit>

namespace plimsoll {

namespace {

/// The partition that the worker asks for on this node's GPUs; nullptr: they have none such.
const MigFit* mig_fit(const NodeFacts& node, const ResourceRequest& worker) {
  const auto profile = static_cast<std::size_t>(worker.mig_profile);
  const bool known = node.mig && worker.mig_profile >= 0 && profile < node.mig->size();
  return known && (*node.mig)[profile].gpu_milli > 0 ? &(*node.mig)[profile] : nullptr;
}

bool kind_accepted(const NodeFacts& node, const ResourceRequest& worker) {
  const bool kind =
      node.gpu_kind >= 0 && node.gpus > 0 && (worker.gpu_kinds >> node.gpu_kind & 1) != 0;
  return kind && (worker.mig_profile < 0 || mig_fit(node, worker) != nullptr);
}

/// GPUs that have what the worker takes of each.
std::int32_t fitting_gpus(const NodeState& node, const ResourceRequest& worker) {
  if (!asks_for_share(worker) && worker.mig_profile < 0) return idle_gpus(node);
  std::int32_t fitting = 0;
  for (std::size_t gpu = 0; gpu < node.free_gpu_milli().size(); ++gpu) {
    fitting += gpu_can_take(node, gpu, worker) ? 1 : 0;
  }
  return fitting;
}

/// Partitions that an idle GPU can hold at once.
std::int32_t partitions_when_idle(const MigFit& fit) {
  std::int32_t partitions = 0;
  std::uint8_t taken = 0;
  while ((partitions + 1) * fit.gpu_milli <= kWholeGpu) {
    const std::uint8_t slices = free_mig_slices(fit, taken);
    if (slices == 0) break;
    taken = static_cast<std::uint8_t>(taken | slices);
    ++partitions;
  }
  return partitions;
}

/// Of one node without anything on it, by GPUs alone.
std::int64_t gpu_workers_when_idle(const NodeFacts& node, const ResourceRequest& worker) {
  if (!kind_accepted(node, worker)) return 0;
  if (worker.mig_profile >= 0) {
    return std::int64_t{node.gpus} * partitions_when_idle(*mig_fit(node, worker));
  }
  if (!asks_for_share(worker)) return node.gpus / worker.gpus;
  return std::int64_t{node.gpus} * (kWholeGpu / std::max(1, worker.gpu_milli));
}

std::uint16_t device(std::size_t gpu) { return static_cast<std::uint16_t>(1U << gpu); }

}  // namespace

NodeFilter first_failed(const NodeState& node, const ResourceRequest& worker) {
  if (!node.row.schedulable) return NodeFilter::unschedulable;
  if (worker.gpus > 0) {
    if (!kind_accepted(node.facts, worker)) return NodeFilter::gpu_kind;
    if (fitting_gpus(node, worker) < worker.gpus) return NodeFilter::gpus;
  }
  if (node.row.free_cpu_milli < worker.cpu_milli) return NodeFilter::cpu;
  if (node.row.free_memory < worker.memory) return NodeFilter::memory;
  return NodeFilter::passed;
}

bool gpu_can_take(const NodeState& node, std::size_t gpu, const ResourceRequest& worker) {
  const std::int32_t free = node.row.free_gpu_milli[gpu];
  if (free < worker.gpu_milli) return false;
  const std::uint8_t taken = node.row.mig_slices[gpu];
  if (worker.mig_profile < 0) return taken == 0;
  if (taken == 0 && free < kWholeGpu) return false;  // held whole, or by shares
  const MigFit* fit = mig_fit(node.facts, worker);
  return fit != nullptr && free_mig_slices(*fit, taken) != 0;
}

Shortfall shortfall(const NodeState& node, const ResourceRequest& worker) {
  Shortfall lacking;
  if (asks_for_share(worker)) {
    const auto free = node.free_gpu_milli();
    const std::int32_t most = free.empty() ? 0 : *std::ranges::max_element(free);
    lacking.gpu_milli = std::max(0, worker.gpu_milli - most);
    // Enough is free, but not for it: slices that lie apart, or a GPU shared in another way.
    const bool apart = lacking.gpu_milli == 0 && fitting_gpus(node, worker) == 0;
    if (apart) lacking.gpu_milli = worker.gpu_milli;
  } else {
    lacking.gpu_milli = std::max(0, worker.gpus - idle_gpus(node)) * kWholeGpu;
  }
  lacking.cpu_milli = std::max<std::int64_t>(0, worker.cpu_milli - node.row.free_cpu_milli);
  lacking.memory = std::max(Bytes{0}, worker.memory - node.row.free_memory);
  return lacking;
}

std::int64_t workers_when_idle(const NodeFacts& node, const ResourceRequest& worker) {
  constexpr std::int64_t kAny = 1'000'000'000;  // of a worker that asks for nothing
  std::int64_t workers = kAny;
  if (worker.gpus > 0) workers = gpu_workers_when_idle(node, worker);
  if (worker.cpu_milli > 0) workers = std::min(workers, node.cpu_milli / worker.cpu_milli);
  if (worker.memory > Bytes{0}) {
    workers = std::min(workers, node.memory.count() / worker.memory.count());
  }
  return workers;
}

std::int32_t idle_gpus(const NodeState& node) {
  return static_cast<std::int32_t>(std::ranges::count(node.free_gpu_milli(), kWholeGpu));
}

std::int32_t free_gpu_milli_sum(const NodeState& node) {
  std::int32_t sum = 0;
  for (const std::int32_t free : node.free_gpu_milli()) sum += free;
  return sum;
}

std::int32_t gpu_milli_sum(const ResourceRequest& worker) { return worker.gpus * worker.gpu_milli; }

bool asks_for_share(const ResourceRequest& worker) {
  return worker.gpus > 0 && worker.gpu_milli < kWholeGpu;
}

std::uint16_t first_idle_gpus(const NodeState& node, std::int32_t gpus) {
  std::uint16_t devices = 0;
  const auto free = node.free_gpu_milli();
  for (std::size_t gpu = 0; gpus > 0 && gpu < free.size(); ++gpu) {
    if (free[gpu] != kWholeGpu) continue;
    devices = static_cast<std::uint16_t>(devices | device(gpu));
    --gpus;
  }
  return devices;
}

std::uint16_t tightest_gpus(const NodeState& node, const ResourceRequest& worker) {
  if (!asks_for_share(worker)) return first_idle_gpus(node, worker.gpus);
  const auto free = node.free_gpu_milli();
  std::size_t tightest = free.size();
  for (std::size_t gpu = 0; gpu < free.size(); ++gpu) {
    const bool fits = gpu_can_take(node, gpu, worker);
    if (fits && (tightest == free.size() || free[gpu] < free[tightest])) tightest = gpu;
  }
  return device(tightest);
}

NodeShare worker_share(const NodeState& node, const ResourceRequest& worker,
                       std::uint16_t devices) {
  NodeShare share;
  share.node = node.number;
  share.devices = devices;
  share.gpu_milli = worker.gpu_milli;
  share.cpu_milli = worker.cpu_milli;
  share.memory = worker.memory;
  const MigFit* fit = devices != 0 ? mig_fit(node.facts, worker) : nullptr;
  if (fit != nullptr) {
    const auto gpu = static_cast<std::size_t>(std::countr_zero(devices));
    share.mig_profile = worker.mig_profile;
    share.mig_slices = free_mig_slices(*fit, node.row.mig_slices[gpu]);
  }
  return share;
}

}  // namespace plimsoll
