// A scenario as the user wrote it, after reading, `extend` and `--set`: plain structs, one per YAML mapping.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace plimsoll {

/// `cluster.nodes.<name>`: so many nodes of one catalogue type.
struct NodeGroupConfig {
  std::string type;          ///< hardware/catalog/nodes
  std::int32_t count = 1;
};

struct ClusterConfig {
  std::map<std::string, NodeGroupConfig> nodes;
};

/// `pools.<name>.engine`: the serving engine's scheduler settings.
struct EngineConfig {
  std::string profile = "vllm-0.15";          ///< workloads/catalog/engines
  std::optional<std::int32_t> max_num_seqs;            ///< default: the profile's
  std::optional<std::int32_t> max_num_batched_tokens;  ///< default: the profile's
  std::optional<std::int32_t> block_size;              ///< tokens per KV block; default: the profile's
  std::optional<std::int32_t> max_model_len;           ///< default: the model's longest context
  double gpu_memory_utilization = 0.9;
  std::optional<std::int64_t> num_gpu_blocks;          ///< overrides the computed KV capacity
};

/// `workload.trace`: requests of a recorded file.
struct TraceConfig {
  std::string format;  ///< traces/formats
  std::string path;    ///< relative to the scenario's folder, or to the working directory for --trace
};

/// `workload.synthetic`: a gamma renewal process with a slowly varying rate, lengths from quantile tables.
struct SyntheticConfig {
  double rate_per_second = 0;           ///< YAML: `rate: 5.53/s`
  double shape = 1.0;                   ///< of the gamma inter-arrival law; 1 is Poisson
  double rate_cv = 0.0;                 ///< coefficient of variation of the rate between rate windows
  Duration rate_window{60'000'000'000};
  std::string lengths;                  ///< a quantile table: a name of traces/quantiles, or a path
  std::optional<std::int64_t> requests; ///< stop after so many; at least one of requests, run.horizon is given
};

struct WorkloadConfig {
  std::optional<TraceConfig> trace;          ///< exactly one of the two
  std::optional<SyntheticConfig> synthetic;
};

struct GatewayConfig {
  Duration dispatch_latency{1'000'000};  ///< gateway to replica, at least 1 ns
  Duration response_latency{1'000'000};  ///< replica to gateway, at least 1 ns
};

struct SloConfig {
  std::optional<Duration> ttft;
  std::optional<Duration> tpot;
};

struct PoolConfig {
  std::string model;                 ///< workloads/catalog/models
  std::string dtype = "bf16";
  std::string nodes;                 ///< a name of cluster.nodes
  std::int32_t replicas = 1;
  std::int32_t tensor_parallel = 1;  ///< GPUs per replica, within one node
  EngineConfig engine;
  GatewayConfig gateway;
  WorkloadConfig workload;
  SloConfig slo;
};

/// `observe.sensors`: how replicas' metrics reach a gateway. Period 0 with delay 0 is "fresh".
struct SensorConfig {
  Duration period{50'000'000};
  Duration delay{2'000'000};
  std::int32_t phase_groups = 1;     ///< scrapes fall on so many phases of the period
};

struct ObserveConfig {
  SensorConfig sensors;
  Duration interval{10'000'000'000};  ///< of the time series and of the control partition
};

struct RunConfig {
  std::uint64_t seed = 0;
  std::optional<Duration> horizon;   ///< no arrival after it; default: the end of the workloads
  bool drain = true;                 ///< after the horizon, let unfinished requests finish
};

/// A policy by name with its settings, still as text: the registry reads them with the policy's own field list.
struct PolicyConfig;

struct CostsConfig {
  std::string prices = "market-2025-11";  ///< hardware/catalog/prices
};

}  // namespace plimsoll
