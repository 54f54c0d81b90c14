// Sources of jobs: the nodes and files that they name.
#pragma once

#include <vector>

#include "scenario/checks.hpp"
#include "scenario/resolve.hpp"

namespace plimsoll {

std::vector<ResolvedJobs> resolve_jobs(const Scenario& scenario,
                                       const std::vector<ResolvedNodeGroup>& groups,
                                       const ScenarioContext& context, const FieldFaults& faults);

}  // namespace plimsoll
