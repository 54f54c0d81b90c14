// One experiment of the FGD study: pods of the openb trace are presented to an idle cluster in a given order, each is
// placed at once or given up, none ever leaves.
// Source: FGD (USENIX ATC 2023); hkust-adsl/kubernetes-scheduler-simulator (simulator.go, analysis.go).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "policies/fragmentation.hpp"
#include "policies/registry.hpp"
#include "policies/typical_workers.hpp"
#include "traces/openb.hpp"

namespace plimsoll {

/// The nodes as a scheduler sees them, idle; rows in the order of the given nodes, which is that of their names.
ClusterView openb_cluster(const std::vector<OpenbNode>& nodes);
/// A node list under the names of an experiment, "0042-openb-node-0007", in the order of these.
std::vector<OpenbNode> renamed_nodes(const std::vector<OpenbNode>& nodes,
                                     const std::vector<std::uint32_t>& prefixes);

/// What is typical of a list of pods: its classes, of equally frequent ones the larger request first.
TypicalWorkersConfig typical_of(const std::vector<OpenbPod>& pods);
Fragmentation fragmentation_for(const TypicalWorkersConfig& typical, const ClusterView& view);

/// A policy of the study.
struct StudyPolicy {
  const char* name;    ///< as the study writes it: "06-FGD"
  const char* policy;  ///< the same of this project
  bool random = false;
};
const std::vector<StudyPolicy>& study_policies();

std::unique_ptr<PlacementRule> make_rule(const PolicyRegistry& registry, const StudyPolicy& policy,
                                         const TypicalWorkersConfig& typical, std::uint64_t seed);

/// The cluster after one pod was presented.
struct AfterPod {
  const Placement& placement;
  std::int64_t
      arrived_gpu_milli;  ///< asked for by all pods so far, this one included, placed or not
  std::int64_t used_gpu_milli;
  std::int64_t free_gpu_milli;
  double lost_gpu_milli;  ///< fgd_fragmentation
};

/// Presents the pods one after the other to a view of an idle cluster.
void present_pods(ClusterView& view, PlacementRule& rule, const Fragmentation& fragmentation,
                  const std::vector<ResourceRequest>& pods,
                  const std::function<void(const AfterPod&)>& seen);

}  // namespace plimsoll
