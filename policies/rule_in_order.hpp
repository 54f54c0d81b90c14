// A placement rule as a scheduler: the more important job first, then the earlier; what does not fit waits aside.
#pragma once

#include <memory>

#include "policies/scheduling_policy.hpp"

namespace plimsoll {

/// As kube-scheduler takes pods from its queue: a job that fits nowhere keeps no other from starting.
std::unique_ptr<SchedulingPolicy> rule_in_order(std::unique_ptr<PlacementRule> rule);

}  // namespace plimsoll
