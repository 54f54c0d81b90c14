// From names to everything that a simulator needs of a replica: its step times, its KV blocks, its
// limits, its power.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "hardware/hardware_catalog.hpp"
#include "workloads/engine_profile.hpp"
#include "workloads/kv_capacity.hpp"
#include "workloads/parallelism.hpp"
#include "workloads/step_time/anchor.hpp"
#include "workloads/step_time/measured_range.hpp"
#include "workloads/step_time/speculation.hpp"
#include "workloads/step_time/step_time.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

/// What is asked for; the options default to the engine's or the model's own.
struct ServingSpec {
  std::string model{};   ///< workloads/catalog/models
  std::string gpu{};     ///< hardware/catalog/gpus; its calibration has the same name
  std::string engine{};  ///< workloads/catalog/engines
  std::string dtype = "bf16";
  std::string kv_cache_dtype = "auto";  ///< "auto" (bf16), "bf16" or "fp8"
  Parallelism parallelism{};
  std::optional<std::int32_t> max_num_seqs{};
  std::optional<std::int32_t> max_num_batched_tokens{};
  std::optional<std::int32_t> block_size{};
  std::optional<std::int32_t> max_model_len{};
  double gpu_memory_utilization = 0.9;
  std::optional<std::int64_t> num_gpu_blocks{};  ///< replaces the computed KV capacity
  std::optional<bool> prefix_caching{};
  Anchor anchor{};  ///< of the deployment; neutral: not anchored
  std::optional<SpeculativeSpec> speculative{};
  std::int32_t lora_adapters = 0;  ///< adapters that a step's sequences are spread over; 0: none
};

/// One replica, resolved.
struct ServingDeployment {
  std::shared_ptr<const StepTimeModel>
      step_time;  ///< shared by the pool's replicas and its policies
  Parallelism parallelism;
  SchedulerKind scheduler = SchedulerKind::mixed;
  bool prefix_caching = true;
  /// From the gateway until the engine has a request: base + per_token * prompt tokens; one at a
  /// time.
  Duration front_end{};
  double front_end_per_token_s = 0;
  /// Where prompts are decoded elsewhere: the prefill host's work for each KV cache that it sends,
  /// base + per_token * prompt tokens, during which nothing runs; and the handshake of the two.
  Duration hand_over{};
  double hand_over_per_token_s = 0;
  Duration handshake{};
  std::int32_t decode_reserve_tokens = 0;  ///< as EngineProfile's
  std::int64_t kv_blocks = 0;              ///< of each of the replica's attention ranks
  std::int32_t block_size = 0;
  std::int32_t max_num_seqs = 0;
  std::int32_t max_num_batched_tokens = 0;
  std::int32_t max_model_len = 0;
  KvCapacity memory;                 ///< how one GPU's memory is divided
  std::vector<double> busy_power_w;  ///< [n]: per GPU, in a step with n sequences; [0] is idle
  double idle_power_w = 0;           ///< per GPU
  std::string level;                 ///< of the step-time model's calibration
  double step_time_error = 0;        ///< its stated median relative error
  double step_time_error_p90 = 0;    ///< the 90th percentile of the same; 0: not stated
  std::vector<std::string>
      extrapolations;  ///< what rests on a measurement of something else; sentences
  std::vector<MeasuredRange> measured;  ///< where the measurements end that the rest rests on
};

/// Where the pool stands in the scenario, so that faults name their line: keys are PoolConfig's
/// (`model`, `dtype`, `tensor_parallel`, `engine.profile`, `engine.max_num_seqs`, ...) below
/// `path`.
struct ServingPlace {
  const ConfigNode& root;
  std::string path;  ///< "pools.chat"
};

/// Throws ConfigError with all faults: unknown names, a model that cannot be cut so, or that does
/// not fit in memory.
ServingDeployment deploy_serving(HardwareCatalog& hardware, WorkloadCatalog& workloads,
                                 const ServingSpec& spec, const ServingPlace& place);

}  // namespace plimsoll
