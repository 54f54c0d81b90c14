#include "policies/scheduling_policy.hpp"

namespace plimsoll {

SimTime SchedulingPolicy::next_review(const ClusterView&, SimTime) const { return kNever; }

}  // namespace plimsoll
