#include "policies/cluster_view.hpp"

#include "core/assert.hpp"

namespace plimsoll {

NodeRow idle_node(const NodeFacts& facts) {
  PLIMSOLL_ASSERT(facts.gpus >= 0 && facts.gpus <= kMaxGpusPerNode, "a node with {} GPUs",
                  facts.gpus);
  NodeRow row;
  row.free_cpu_milli = facts.cpu_milli;
  row.free_memory = facts.memory;
  for (std::int32_t gpu = 0; gpu < facts.gpus; ++gpu) {
    row.free_gpu_milli[static_cast<std::size_t>(gpu)] = kWholeGpu;
  }
  return row;
}

ClusterView::ClusterView(std::vector<std::string> nodes, std::shared_ptr<const ClusterFacts> facts)
    : nodes_(std::move(nodes)), facts_(std::move(facts)) {
  PLIMSOLL_ASSERT(facts_->nodes.size() == nodes_.size(), "{} nodes with facts of {}", nodes_.size(),
                  facts_->nodes.size());
  for (std::uint32_t row = 0; row < nodes_.size(); ++row) {
    nodes_.set(row, idle_node(facts_->nodes[row]));
  }
}

}  // namespace plimsoll
