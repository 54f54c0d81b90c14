// kube-scheduler's default: the node that stays emptiest, in percent of each resource.
#include "policies/kube_scoring.hpp"

namespace {

using LeastAllocated =
    plimsoll::HighestScore<plimsoll::KubeScorer<&plimsoll::least_allocated_score>>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(least_allocated, LeastAllocated,
                           "The node that stays emptiest, as kube-scheduler does by default.")
