// kube-scheduler's bin packing: the node that becomes fullest, in percent of each resource (most_allocated.go).
#include "policies/kube_scoring.hpp"

namespace {

using namespace plimsoll;

class MostAllocatedScore {
 public:
  using Config = KubeScoringConfig;

  MostAllocatedScore(const Config& config, const PolicyContext&)
      : weights_(config.resources), sampling_(config.percentage_of_nodes_to_score) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    std::int64_t sum = 0;
    std::int64_t weights = 0;
    for (const ResourceUse& use :
         resource_uses(node, worker, weights_, MissingRequests::as_a_little)) {
      sum += use.weight * use.percent(use.requested);
      weights += use.weight;
    }
    return weights == 0 ? 0 : static_cast<std::int32_t>(sum / weights);
  }

  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject&) {
    return sampling_.choose(places);
  }

 private:
  ResourceWeights weights_;
  NodeSampling sampling_;
};

using MostAllocated = HighestScore<MostAllocatedScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(most_allocated, MostAllocated,
                           "The node that becomes fullest: kube-scheduler's bin packing.")
