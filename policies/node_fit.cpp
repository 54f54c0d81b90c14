#include "policies/node_fit.hpp"

#include <algorithm>

namespace plimsoll {

namespace {

bool kind_accepted(const NodeFacts& node, const ResourceRequest& worker) {
  return node.gpu_kind >= 0 && node.gpus > 0 && (worker.gpu_kinds >> node.gpu_kind & 1) != 0;
}

/// GPUs with at least what the worker takes of each.
std::int32_t fitting_gpus(const NodeState& node, const ResourceRequest& worker) {
  return static_cast<std::int32_t>(std::ranges::count_if(
      node.free_gpu_milli(), [&](std::int32_t free) { return free >= worker.gpu_milli; }));
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

Shortfall shortfall(const NodeState& node, const ResourceRequest& worker) {
  Shortfall lacking;
  if (asks_for_share(worker)) {
    const auto free = node.free_gpu_milli();
    const std::int32_t most = free.empty() ? 0 : *std::ranges::max_element(free);
    lacking.gpu_milli = std::max(0, worker.gpu_milli - most);
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
  if (worker.gpus > 0) {
    if (!kind_accepted(node, worker)) return 0;
    workers = asks_for_share(worker) ? node.gpus * (kWholeGpu / std::max(1, worker.gpu_milli))
                                     : node.gpus / worker.gpus;
  }
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
    const bool fits = free[gpu] >= worker.gpu_milli;
    if (fits && (tightest == free.size() || free[gpu] < free[tightest])) tightest = gpu;
  }
  return device(tightest);
}

}  // namespace plimsoll
