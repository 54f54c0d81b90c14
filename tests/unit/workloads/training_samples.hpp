// Clusters of the shipped catalogue, and jobs that train on them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/jobs/training_job_config.hpp"

namespace plimsoll::samples {

/// So many nodes of a type, joined by a fabric.
struct Nodes {
  std::string type;
  std::string fabric;
  std::int32_t count = 1;
};

inline const std::vector<std::string> kLevels = {"nvlink_domain", "rack", "leaf", "spine",
                                                 "fabric_pod"};

/// GPU kinds are numbered by group, in order.
inline std::shared_ptr<const TrainingPlaces> training_places(
    const std::vector<Nodes>& groups, const std::vector<std::string>& levels = kLevels) {
  HardwareCatalog hardware(shipped_roots());
  WorkloadCatalog workloads(shipped_roots());
  ClusterTopology cluster;
  std::vector<GpuSpec> kinds;
  for (const Nodes& group : groups) {
    const NodeSpec node = hardware.node(group.type, {});
    NodeGroup added{group.type, {node}, hardware.fabric(group.fabric, {}), group.count};
    if (node.topology) added.type.topology = hardware.topology(group.type, {});
    cluster.add(std::move(added), {});
    kinds.push_back(hardware.gpu(node.gpu, {}));
  }
  return std::make_shared<const TrainingPlaces>(cluster, kinds, levels, workloads);
}

/// Llama 3.1 8B, cut over the eight GPUs of a node.
inline TrainingJobConfig small_training() {
  TrainingJobConfig config;
  config.model = "llama-3.1-8b";
  config.steps = 1000;
  config.tensor = 4;
  config.batch = 64;
  config.sequence = 8192;
  return config;
}

inline JobSpec gang_of(std::int32_t workers, std::int32_t gpus, GpuKinds kinds = kAnyGpuKind) {
  JobSpec job;
  job.gang.push_back({workers, {.gpus = gpus, .gpu_kinds = kinds}});
  return job;
}

inline std::shared_ptr<const TrainingJob> training_job(
    const TrainingJobConfig& config, const JobSpec& job,
    std::shared_ptr<const TrainingPlaces> places) {
  WorkloadCatalog workloads(shipped_roots());
  return make_training_job(config, job, std::move(places), workloads, {"jobs.yaml", 7, 3});
}

inline PlacementShape on_nodes(std::vector<std::int32_t> gpus, std::int32_t span,
                               std::int32_t kind = 0) {
  PlacementShape shape;
  shape.gpus_per_node = std::move(gpus);
  shape.gpu_kind = kind;
  shape.span = span;
  return shape;
}

}  // namespace plimsoll::samples
