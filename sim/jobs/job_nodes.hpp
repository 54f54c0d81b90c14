// The nodes of a scenario as jobs may use them: what pools left, where they stand, which are slow.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hardware/hardware_catalog.hpp"
#include "hardware/topology/cluster_topology.hpp"
#include "policies/node_table.hpp"
#include "results/job_facts.hpp"
#include "scenario/resolve.hpp"

namespace plimsoll {

/// Nodes of the groups that sources of jobs name, group by group.
struct JobNodes {
  std::vector<JobNode> rows;
  ClusterFacts facts;
  ClusterTopology topology;
  std::vector<GpuSpec> kinds;     ///< by ClusterFacts::gpu_kinds
  std::vector<double> slowdowns;  ///< by node; empty: all are sound
  std::vector<GpuKinds>
      kinds_of_group;  ///< by ResolvedScenario::groups; 0: not used, or without GPUs
  std::vector<std::int32_t>
      largest_nodes;  ///< by the same: GPUs of a node that jobs may use, at most

  std::vector<std::string> names() const;
};

/// Throws ConfigError for what the catalogue has wrong.
JobNodes job_nodes(const ResolvedScenario& resolved, HardwareCatalog& hardware);

}  // namespace plimsoll
