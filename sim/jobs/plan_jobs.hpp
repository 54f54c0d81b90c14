// The jobs of a scenario on its cluster, ready to run: nodes, sources, and the scheduler.
#pragma once

#include <optional>
#include <vector>

#include "policies/registry.hpp"
#include "sim/jobs/job_cluster.hpp"
#include "sim/jobs/job_tables.hpp"

namespace plimsoll {

struct ResolvedScenario;
class HardwareCatalog;
class WorkloadCatalog;

struct JobRunPlan {
  JobCluster cluster;
  JobConstants constants;
};

/// `faults` receives what is wrong; empty with any, before or now.
std::optional<JobRunPlan> plan_jobs(const ResolvedScenario& resolved,
                                    const PolicyRegistry& registry, HardwareCatalog& hardware,
                                    WorkloadCatalog& workloads, std::vector<Fault>& faults);

}  // namespace plimsoll
