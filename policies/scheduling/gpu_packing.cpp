// First GPUs in use, then idle GPUs of nodes in use, idle nodes last; small ones before large ones
// (hkust-adsl/kubernetes-scheduler-simulator, gpu_packing_score.go).
#include "policies/highest_score.hpp"

namespace {

using namespace plimsoll;

class GpuPackingScore {
 public:
  explicit GpuPackingScore(const PolicyContext&) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    if (worker.gpus == 0) return 0;
    const std::int32_t idle = idle_gpus(node);
    if (idle == node.facts.gpus) return std::max(kIdleNode - idle, idle);
    if (!asks_for_share(worker)) return std::max(kIdleGpus - worker.gpus, kIdleNode);
    const std::uint16_t tightest = tightest_gpus(node, worker);
    const std::int32_t free =
        node.row.free_gpu_milli[static_cast<std::size_t>(std::countr_zero(tightest))];
    if (free == kWholeGpu) return std::max(kIdleGpus - 1, kIdleNode);
    return std::max(kSharedGpu - free * 100 / kWholeGpu / 10, kIdleGpus);
  }

 private:
  static constexpr std::int32_t kSharedGpu = 100;
  static constexpr std::int32_t kIdleGpus = 50;
  static constexpr std::int32_t kIdleNode = 33;
};

using GpuPacking = HighestScore<GpuPackingScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(gpu_packing, GpuPacking,
                           "GPUs in use first, then idle GPUs of nodes in use, idle nodes last.")
