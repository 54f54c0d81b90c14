// kube-scheduler's RequestedToCapacityRatio: a score by how full each resource becomes, on a line through given points.
#include "policies/kube_scoring.hpp"

namespace {

using namespace plimsoll;

struct RatioConfig : KubeScoringConfig {
  template <class Visit>
  static void fields(Visit&& visit) {
    KubeScoringConfig::fields(visit);
    visit("shape", &RatioConfig::shape, kShapeDoc);
  }
};

using RequestedToCapacityRatio =
    HighestScore<KubeScorer<&requested_to_capacity_ratio_score, RatioConfig>>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    requested_to_capacity_ratio, RequestedToCapacityRatio,
    "A line from how full a node becomes to its score, as kube-scheduler draws it.")
