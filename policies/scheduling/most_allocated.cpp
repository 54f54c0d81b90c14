// kube-scheduler's bin packing: the node that becomes fullest, in percent of each resource.
#include "policies/kube_scoring.hpp"

namespace {

using MostAllocated = plimsoll::HighestScore<plimsoll::KubeScorer<&plimsoll::most_allocated_score>>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(most_allocated, MostAllocated,
                           "The node that becomes fullest: kube-scheduler's bin packing.")
