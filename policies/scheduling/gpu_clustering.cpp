// The node that already hosts workers of the same size (a share, 1, 2, 4, 8 GPUs), at best no others; among such, the
// one with fewest GPUs free (hkust-adsl/kubernetes-scheduler-simulator, gpu_clustering_score.go; after Gandiva).
#include "policies/highest_score.hpp"
#include "policies/largest_node.hpp"

namespace {

using namespace plimsoll;

class GpuClusteringScore {
 public:
  explicit GpuClusteringScore(const PolicyContext&) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    if (worker.gpus == 0) return 0;
    const std::int32_t used =
        25 * (kLargestNodeGpuMilli - free_gpu_milli_sum(node)) / kLargestNodeGpuMilli;
    return kRoomForLargerNodes + used + company(node.row, worker);
  }

 private:
  static std::int32_t company(const NodeRow& row, const ResourceRequest& worker) {
    const auto sizes = row.gpu_workers_of_size.size() -
                       static_cast<std::size_t>(std::ranges::count(row.gpu_workers_of_size, 0));
    if (sizes == 0) return 25;
    if (row.gpu_workers_of_size[gpu_worker_size(worker.gpus, worker.gpu_milli)] == 0) return 0;
    return sizes == 1 ? 75 : 50;
  }
};

using GpuClustering = HighestScore<GpuClusteringScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    gpu_clustering, GpuClustering,
    "The node that hosts workers of the same number of GPUs, and at best no others.")
