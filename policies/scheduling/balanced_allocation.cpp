// kube-scheduler's BalancedAllocation: the node whose resources become equally full.
#include "policies/kube_scoring.hpp"

namespace {

using BalancedAllocation =
    plimsoll::HighestScore<plimsoll::KubeScorer<&plimsoll::balanced_allocation_score>>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(balanced_allocation, BalancedAllocation,
                           "The node whose CPU, memory and GPUs become equally full.")
