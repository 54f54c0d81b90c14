#include "policies/node_share.hpp"

#include <bit>

#include "core/assert.hpp"

namespace plimsoll {

namespace {

/// Calls `visit(gpu)` for each GPU of the share, lowest first.
template <class Visit>
void each_device(std::uint16_t devices, Visit&& visit) {
  for (unsigned left = devices; left != 0; left &= left - 1) {
    visit(static_cast<std::size_t>(std::countr_zero(left)));
  }
}

/// The workers of a share are of one size: they split its GPUs evenly.
std::uint16_t& workers_of_size(NodeRow& node, const NodeShare& share) {
  const std::int32_t gpus = std::popcount(share.devices) / share.workers;
  return node.gpu_workers_of_size[gpu_worker_size(gpus, share.gpu_milli)];
}

/// Whether the GPU has so much free, and is not shared in another way.
bool gpu_has(const NodeRow& node, std::size_t gpu, const NodeShare& share) {
  if (node.free_gpu_milli[gpu] < share.gpu_milli) return false;
  if (share.gpu_milli == kWholeGpu) return true;  // an idle GPU
  const std::uint8_t slices = node.mig_slices[gpu];
  if (share.mig_slices == 0) return slices == 0;
  return (slices & share.mig_slices) == 0 && (slices != 0 || node.free_gpu_milli[gpu] == kWholeGpu);
}

void count_workers(NodeRow& node, const NodeShare& share, std::int32_t workers) {
  if (share.devices == 0) return;
  node.gpu_workers += workers;
  std::uint16_t& of_size = workers_of_size(node, share);
  of_size = static_cast<std::uint16_t>(of_size + workers);
}

}  // namespace

bool can_take(const NodeRow& node, const NodeShare& share) {
  if (!node.schedulable || node.free_cpu_milli < share.cpu_milli ||
      node.free_memory < share.memory) {
    return false;
  }
  bool all = true;
  each_device(share.devices, [&](std::size_t gpu) { all = all && gpu_has(node, gpu, share); });
  return all;
}

void take(NodeRow& node, const NodeShare& share) {
  PLIMSOLL_ASSERT(can_take(node, share), "a share that the node does not have free is taken");
  node.free_cpu_milli -= share.cpu_milli;
  node.free_memory -= share.memory;
  each_device(share.devices, [&](std::size_t gpu) {
    node.free_gpu_milli[gpu] =
        static_cast<std::uint16_t>(node.free_gpu_milli[gpu] - share.gpu_milli);
  });
  if (share.mig_slices != 0) {
    each_device(share.devices, [&](std::size_t gpu) {
      node.mig_slices[gpu] = static_cast<std::uint8_t>(node.mig_slices[gpu] | share.mig_slices);
    });
  }
  count_workers(node, share, share.workers);
}

void give_back(NodeRow& node, const NodeShare& share) {
  node.free_cpu_milli += share.cpu_milli;
  node.free_memory += share.memory;
  each_device(share.devices, [&](std::size_t gpu) {
    node.free_gpu_milli[gpu] =
        static_cast<std::uint16_t>(node.free_gpu_milli[gpu] + share.gpu_milli);
    PLIMSOLL_ASSERT(node.free_gpu_milli[gpu] <= kWholeGpu, "GPU {} was given back twice", gpu);
  });
  if (share.mig_slices != 0) {
    each_device(share.devices, [&](std::size_t gpu) {
      node.mig_slices[gpu] = static_cast<std::uint8_t>(node.mig_slices[gpu] & ~share.mig_slices);
    });
  }
  count_workers(node, share, -share.workers);
}

void join(std::vector<NodeShare>& shares, std::size_t first, const NodeShare& share) {
  NodeShare* last = shares.size() > first ? &shares.back() : nullptr;
  if (last == nullptr || last->node != share.node || (last->devices & share.devices) != 0 ||
      last->mig_slices != share.mig_slices) {
    shares.push_back(share);
    return;
  }
  last->workers += share.workers;
  last->devices = static_cast<std::uint16_t>(last->devices | share.devices);
  last->cpu_milli += share.cpu_milli;
  last->memory += share.memory;
}

}  // namespace plimsoll
