// From names to everything that a simulator needs of a replica: its step times, its KV blocks, its limits, its power.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "hardware/hardware_catalog.hpp"
#include "workloads/kv_capacity.hpp"
#include "workloads/step_time/step_time.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

/// What is asked for; the options default to the engine's or the model's own.
struct ServingSpec {
  std::string model{};   ///< workloads/catalog/models
  std::string gpu{};     ///< hardware/catalog/gpus; its calibration has the same name
  std::string engine{};  ///< workloads/catalog/engines
  std::string dtype = "bf16";
  std::int32_t tensor_parallel = 1;
  std::optional<std::int32_t> max_num_seqs{};
  std::optional<std::int32_t> max_num_batched_tokens{};
  std::optional<std::int32_t> block_size{};
  std::optional<std::int32_t> max_model_len{};
  double gpu_memory_utilization = 0.9;
  std::optional<std::int64_t> num_gpu_blocks{};  ///< replaces the computed KV capacity
};

/// One replica, resolved.
struct ServingDeployment {
  std::shared_ptr<const StepTimeModel>
      step_time;  ///< shared by the pool's replicas and its policies
  std::int64_t kv_blocks = 0;
  std::int32_t block_size = 0;
  std::int32_t max_num_seqs = 0;
  std::int32_t max_num_batched_tokens = 0;
  std::int32_t max_model_len = 0;
  KvCapacity memory;                 ///< how one GPU's memory is divided
  std::vector<double> busy_power_w;  ///< [n]: per GPU, in a step with n sequences; [0] is idle
  double idle_power_w = 0;           ///< per GPU
  std::string level;                 ///< of the step-time model's calibration
  double step_time_error = 0;        ///< its stated median relative error
  std::vector<std::string>
      extrapolations;  ///< what rests on a measurement of something else; sentences
};

/// Where the pool stands in the scenario, so that faults name their line: keys are PoolConfig's (`model`, `dtype`,
/// `tensor_parallel`, `engine.profile`, `engine.max_num_seqs`, ...) below `path`.
struct ServingPlace {
  const ConfigNode& root;
  std::string path;  ///< "pools.chat"
};

/// Throws ConfigError with all faults: unknown names, a model that cannot be cut so, or that does not fit in memory.
ServingDeployment deploy_serving(HardwareCatalog& hardware, WorkloadCatalog& workloads,
                                 const ServingSpec& spec, const ServingPlace& place);

}  // namespace plimsoll
