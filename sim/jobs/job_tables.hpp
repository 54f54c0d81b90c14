// The facts of a cluster's jobs as the tables of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/job_facts.hpp"
#include "sim/jobs/job_cluster.hpp"

namespace plimsoll {

/// What the tables say besides what happened.
struct JobConstants {
  std::string scheduling;                ///< the policy's name
  std::vector<std::string> sources;      ///< names
  std::vector<std::uint32_t> source_of;  ///< by job: index of its source
  std::vector<JobNode> nodes;            ///< by row of the table of nodes
};

/// What is under way is counted up to `end`, before which nothing more happens.
JobTables job_tables(const JobCluster& cluster, const JobConstants& constants, SimTime end);

}  // namespace plimsoll
