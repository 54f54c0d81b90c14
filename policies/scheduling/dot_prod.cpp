// The node whose free resources are least in line with what the worker asks for, so that nodes where little is free
// fill up first: the dot product of Tetris (SIGCOMM 2014), as the FGD study runs it
// (hkust-adsl/kubernetes-scheduler-simulator, dot_product_score.go, GPUs of a node as one dimension, norm by
// maximum).
#include "policies/highest_score.hpp"
#include "policies/largest_node.hpp"

namespace {

using namespace plimsoll;

class DotProdScore {
 public:
  explicit DotProdScore(const PolicyContext&) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    const double cpu = of_largest(node.row.free_cpu_milli, kLargestNodeCpuMilli) *
                       of_largest(worker.cpu_milli, kLargestNodeCpuMilli);
    const double gpu = of_largest(free_gpu_milli_sum(node), kLargestNodeGpuMilli) *
                       of_largest(gpu_milli_sum(worker), kLargestNodeGpuMilli);
    const double apart = 1.0 - (cpu + gpu) / 2.0;
    return kRoomForLargerNodes + static_cast<std::int32_t>(100.0 * apart);
  }

 private:
  static double of_largest(std::int64_t amount, std::int32_t largest) {
    return static_cast<double>(amount) / static_cast<double>(largest);
  }
};

using DotProd = HighestScore<DotProdScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    dot_prod, DotProd,
    "The node whose free CPU and GPU have the smallest dot product with what is asked for.")
