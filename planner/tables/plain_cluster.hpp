// A cluster of equal nodes that only their GPUs tell apart, and a policy by name on it: what published studies of job
// schedulers assume.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "sim/jobs/job_cluster.hpp"

namespace plimsoll {

struct PlainCluster {
  std::int32_t nodes = 1;
  std::int32_t gpus_per_node = 8;
};

/// A scheduling policy and its settings, as YAML: "{estimate: oracle}".
struct NamedPolicy {
  std::string name;
  std::string settings = "{}";
};

/// What became of `jobs`.
JobRunFacts run_jobs(const PlainCluster& cluster, const JobClusterSettings& settings,
                     std::vector<JobSpec> jobs, const NamedPolicy& policy);

}  // namespace plimsoll
