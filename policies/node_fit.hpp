// Whether a node can take one more worker, what stands in the way if not, and which of its GPUs the worker would get.
#pragma once

#include <cstdint>
#include <span>

#include "policies/node_table.hpp"
#include "policies/placement.hpp"

namespace plimsoll {

/// A node, as a rule weighs it.
struct NodeState {
  const NodeFacts& facts;
  const NodeRow& row;
  std::uint32_t number = 0;  ///< its row in the table of nodes

  std::span<const std::uint16_t> free_gpu_milli() const {
    return {row.free_gpu_milli.data(), static_cast<std::size_t>(facts.gpus)};
  }
};

/// The filters of kube-scheduler that a node of this view can fail, in the order in which they are tried.
enum class NodeFilter : std::uint8_t { passed, unschedulable, gpu_kind, gpus, cpu, memory };

/// The first filter that turns the worker away from the node as it is.
NodeFilter first_failed(const NodeState& node, const ResourceRequest& worker);

/// What would have to free up on the node; the filter that fails says whether it ever can.
Shortfall shortfall(const NodeState& node, const ResourceRequest& worker);

/// Whether the GPU has what the worker takes of one.
bool gpu_can_take(const NodeState& node, std::size_t gpu, const ResourceRequest& worker);

/// How many such workers the node would hold if nothing ran on it.
std::int64_t workers_when_idle(const NodeFacts& node, const ResourceRequest& worker);

std::int32_t idle_gpus(const NodeState& node);
/// In thousandths of GPUs.
std::int32_t free_gpu_milli_sum(const NodeState& node);
/// GPUs that the worker asks for, in thousandths.
std::int32_t gpu_milli_sum(const ResourceRequest& worker);
/// A worker that takes part of one GPU.
bool asks_for_share(const ResourceRequest& worker);

/// The GPUs of a worker that the node can take, as NodeShare::devices. Whole ones: the first idle ones by index.
std::uint16_t first_idle_gpus(const NodeState& node, std::int32_t gpus);
/// The same, and a share goes to the GPU with least free that holds it, the first of several.
std::uint16_t tightest_gpus(const NodeState& node, const ResourceRequest& worker);

/// What one worker takes of the node with these GPUs; a MIG partition is where the GPU's last free start is.
NodeShare worker_share(const NodeState& node, const ResourceRequest& worker, std::uint16_t devices);

}  // namespace plimsoll
