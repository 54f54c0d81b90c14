// kube-scheduler's BalancedAllocation: the node whose resources become equally full (balanced_allocation.go); resources
// with a weight count alike.
#include <cmath>

#include "policies/kube_scoring.hpp"

namespace {

using namespace plimsoll;

class BalancedAllocationScore {
 public:
  using Config = KubeScoringConfig;

  BalancedAllocationScore(const Config& config, const PolicyContext&)
      : weights_(config.resources), sampling_(config.percentage_of_nodes_to_score) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    if (worker.cpu_milli == 0 && worker.memory == Bytes{0} && worker.gpus == 0) return 0;
    std::array<double, 3> full{};
    std::size_t resources = 0;
    for (const ResourceUse& use :
         resource_uses(node, worker, weights_, MissingRequests::as_nothing)) {
      if (use.weight == 0 || use.capacity == 0) continue;
      full[resources++] =
          std::min(1.0, static_cast<double>(use.requested) / static_cast<double>(use.capacity));
    }
    const double spread = deviation(std::span(full).first(resources));
    return static_cast<std::int32_t>((1.0 - spread) * 100.0);
  }

  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject&) {
    return sampling_.choose(places);
  }

 private:
  static double deviation(std::span<const double> values) {
    if (values.size() < 2) return 0;
    if (values.size() == 2) return std::abs((values[0] - values[1]) / 2.0);
    double sum = 0;
    for (const double value : values) sum += value;
    const double mean = sum / static_cast<double>(values.size());
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size()));
  }

  ResourceWeights weights_;
  NodeSampling sampling_;
};

using BalancedAllocation = HighestScore<BalancedAllocationScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(balanced_allocation, BalancedAllocation,
                           "The node whose CPU, memory and GPUs become equally full.")
