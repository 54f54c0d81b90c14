// The jobs that a scenario's sources submit: read from traces, drawn from laws, or listed.
#pragma once

#include <memory>
#include <vector>

#include "scenario/resolve.hpp"
#include "sim/jobs/job_nodes.hpp"
#include "workloads/job_spec.hpp"
#include "workloads/jobs/training_places.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

/// What jobs of a scenario may run on and are made from.
struct JobSourceContext {
  const ResolvedScenario& resolved;
  const JobNodes& nodes;
  std::shared_ptr<const TrainingPlaces> places;  ///< shared by all training jobs
  WorkloadCatalog& workloads;
};

/// The jobs of one source, those after run.horizon left out. Throws ConfigError with the faults of the source and of
/// its files.
std::vector<JobSpec> jobs_of(const ResolvedJobs& source, const JobSourceContext& context);

}  // namespace plimsoll
