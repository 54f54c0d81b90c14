// What the speed of training depends on of a cluster, worked out once: by kind of GPU its rates, its NVLink island,
// and what the network gives it on each level.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/gpu_spec.hpp"
#include "hardware/topology/cluster_topology.hpp"
#include "workloads/job_spec.hpp"
#include "workloads/step_time/training_law.hpp"
#include "workloads/step_time/training_step.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

/// GPUs of one kind. Where groups of nodes with such GPUs differ, the least of each figure.
struct TrainingPlace {
  GpuSpec gpu;
  std::int32_t gpus = 0;  ///< in all; 0: nothing else is known either, but `gpu` and `law`
  std::int32_t gpus_per_node = 0;
  std::int32_t nodes_per_island = 1;  ///< above 1: NVSwitches join the nodes of an NVLink domain
  /// Of one GPU to the others of its node, or NVLink domain, while all send: over PCIe where NVLink does not join all
  /// of them. 0: the node type does not tell.
  BytesPerSecond island_bandwidth{};
  /// Of one GPU out of its island while every GPU of the cluster sends, by PlacementShape::span: [i] within one domain
  /// of level i, and [number of levels] beyond the last one. 0: the node type tells no network.
  std::vector<BytesPerSecond> network_bandwidth;
  std::optional<TrainingLaw> law;  ///< none: nothing is known of training on it

  /// 0: it has no such units.
  FlopPerSecond rate(TrainingPrecision precision) const;
};

class TrainingPlaces {
 public:
  /// `kinds` as PlacementShape::gpu_kind counts them (ClusterFacts::gpu_kinds). `levels` as PlacementShape::span does
  /// (ClusterFacts::levels): level_name()s of FabricLevel, closest first. Throws ConfigError for other names, and the
  /// faults of the laws' files.
  TrainingPlaces(const ClusterTopology& cluster, const std::vector<GpuSpec>& kinds,
                 const std::vector<std::string>& levels, WorkloadCatalog& catalog);

  const std::vector<TrainingPlace>& kinds() const { return kinds_; }

  /// The first `used` GPUs of a placement, as training_step sees them.
  TrainingGpus gpus(const PlacementShape& shape, std::int32_t used,
                    TrainingPrecision precision) const;
  /// So many GPUs of a kind as close together as whole nodes allow, within one domain of the closest level.
  PlacementShape packed(std::int32_t kind, std::int32_t gpus) const;

 private:
  static void add_nodes(const ClusterTopology& cluster, std::int32_t node,
                        const std::vector<FabricLevel>& levels, TrainingPlace& place);

  std::vector<TrainingPlace> kinds_;
};

}  // namespace plimsoll
