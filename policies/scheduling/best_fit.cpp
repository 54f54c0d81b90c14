// The node on which least CPU and GPU is left over, as the FGD study runs best fit
// (hkust-adsl/kubernetes-scheduler-simulator, best_fit_score.go).
#include "policies/highest_score.hpp"
#include "policies/largest_node.hpp"

namespace {

using namespace plimsoll;

/// 100 where nothing is left, in whole points. The study then stretches the scores of a pod to 0..100, which keeps
/// their order and their ties.
class BestFitScore {
 public:
  explicit BestFitScore(const PolicyContext&) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    const double cpu = static_cast<double>(node.row.free_cpu_milli - worker.cpu_milli);
    const double gpu = static_cast<double>(free_gpu_milli_sum(node) - gpu_milli_sum(worker));
    const double left = cpu / kLargestNodeCpuMilli * 0.5 + gpu / kLargestNodeGpuMilli * 0.5;
    return kRoomForLargerNodes + static_cast<std::int32_t>((1.0 - left) * 100.0);
  }
};

using BestFit = HighestScore<BestFitScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    best_fit, BestFit,
    "The node on which least CPU and GPU is left over, so that others stay whole.")
