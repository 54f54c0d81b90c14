// A scenario as the user wrote it, after `extend` and `--set`: plain structs, one per YAML mapping. Each field's unit
// is in its type, its meaning and range in the field list.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"
#include "core/time.hpp"
#include "policies/policy_config.hpp"

namespace plimsoll {

inline constexpr std::string_view kApiVersion = "plimsoll.dev/v1alpha1";
inline constexpr Duration kHour{3'600'000'000'000};

struct MetadataConfig {
  std::optional<std::string> name;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &MetadataConfig::name, "What reports call the scenario.");
  }
};

/// `cluster.nodes.<name>`: so many nodes of one catalogue type.
struct NodeGroupConfig {
  std::string type;
  std::int32_t count = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("type", &NodeGroupConfig::type, "Node type, a name of the catalogue.", required);
    visit("count", &NodeGroupConfig::count, "Number of such nodes.", 1, 1'000'000);
  }
};

struct ClusterConfig {
  std::map<std::string, NodeGroupConfig> nodes;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("nodes", &ClusterConfig::nodes, "Groups of equal nodes, by a name of your own.",
          required);
  }
};

/// `pools.<name>.engine`: the serving engine's scheduler settings. What is left out is the profile's.
struct EngineConfig {
  std::string profile = "vllm-0.15";
  std::optional<std::int32_t> max_num_seqs;
  std::optional<std::int32_t> max_num_batched_tokens;
  std::optional<std::int32_t> block_size;
  std::optional<std::int32_t> max_model_len;  ///< default: the model's longest context
  double gpu_memory_utilization = 0.9;
  std::optional<std::int64_t> num_gpu_blocks;  ///< overrides the computed KV capacity

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("profile", &EngineConfig::profile, "Serving engine, a name of the catalogue.");
    visit("max_num_seqs", &EngineConfig::max_num_seqs, "Most requests in one iteration.", 1,
          65'536);
    visit("max_num_batched_tokens", &EngineConfig::max_num_batched_tokens,
          "Most tokens in one iteration.", 1, 1'000'000);
    visit("block_size", &EngineConfig::block_size, "Tokens per KV block.", 1, 4096);
    visit("max_model_len", &EngineConfig::max_model_len,
          "Longest prompt with its answer, in tokens.", 1, 100'000'000);
    visit("gpu_memory_utilization", &EngineConfig::gpu_memory_utilization,
          "Share of a GPU's memory that the engine uses.", 0.01, 1.0);
    visit("num_gpu_blocks", &EngineConfig::num_gpu_blocks,
          "KV blocks per replica, in place of the computed number.", 1, 1'000'000'000);
  }
};

/// `workload.trace`: the requests of a recorded file.
struct TraceConfig {
  std::string format;
  std::string path;  ///< as written; ResolvedPool::trace is where it leads

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("format", &TraceConfig::format, "Format of the trace file.", required);
    visit("path", &TraceConfig::path, "Trace file, relative to the file that names it.", required);
  }
};

/// `workload.synthetic`: a gamma renewal process with a slowly varying rate, lengths from quantile tables.
struct SyntheticConfig {
  PerSecond rate{1};
  double shape = 1.0;
  double rate_cv = 0.0;
  Duration rate_window{60'000'000'000};
  std::string lengths;  ///< as written; ResolvedPool::lengths is where it leads
  std::optional<std::int64_t> requests;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("rate", &SyntheticConfig::rate, "Mean rate of requests.", required, PerSecond{1e-6},
          PerSecond{1e8});
    visit("shape", &SyntheticConfig::shape,
          "Shape of the gamma law of gaps: 1 is Poisson, less is burstier.", 0.01, 1000.0);
    visit("rate_cv", &SyntheticConfig::rate_cv,
          "Coefficient of variation of the rate between windows.", 0.0, 10.0);
    visit("rate_window", &SyntheticConfig::rate_window, "Time for which a rate holds.",
          Duration{1'000'000}, 8760 * kHour);
    visit("lengths", &SyntheticConfig::lengths,
          "Table of prompt and answer lengths, a shipped name or a file.", required);
    visit("requests", &SyntheticConfig::requests,
          "Number of requests after which the workload ends.", 1, 1'000'000'000'000);
  }
};

/// Exactly one of the two.
struct WorkloadConfig {
  std::optional<TraceConfig> trace;
  std::optional<SyntheticConfig> synthetic;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("trace", &WorkloadConfig::trace, "Requests of a recorded file.");
    visit("synthetic", &WorkloadConfig::synthetic, "Requests from a random process.");
  }
};

struct GatewayConfig {
  Duration dispatch_latency{1'000'000};
  Duration response_latency{1'000'000};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("dispatch_latency", &GatewayConfig::dispatch_latency, "From gateway to replica.",
          Duration{1}, kHour);
    visit("response_latency", &GatewayConfig::response_latency, "From replica to gateway.",
          Duration{1}, kHour);
  }
};

struct SloConfig {
  std::optional<Duration> ttft;
  std::optional<Duration> tpot;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("ttft", &SloConfig::ttft, "Longest time to the first token of a good request.",
          above(Duration{0}));
    visit("tpot", &SloConfig::tpot, "Longest mean time per further token of a good request.",
          above(Duration{0}));
  }
};

struct PoolConfig {
  std::string model;
  std::string dtype = "bf16";
  std::string nodes;
  std::int32_t replicas = 1;
  std::int32_t tensor_parallel = 1;
  EngineConfig engine;
  GatewayConfig gateway;
  WorkloadConfig workload;
  SloConfig slo;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &PoolConfig::model, "Model, a name of the catalogue.", required);
    visit("dtype", &PoolConfig::dtype, "Number format of the matrix products, bf16 or fp8.");
    visit("nodes", &PoolConfig::nodes, "Nodes that it runs on, a name of cluster.nodes.", required);
    visit("replicas", &PoolConfig::replicas, "Number of replicas.", 1, 100'000);
    visit("tensor_parallel", &PoolConfig::tensor_parallel, "GPUs per replica, all in one node.", 1,
          1024);
    visit("engine", &PoolConfig::engine, "The serving engine.");
    visit("gateway", &PoolConfig::gateway, "Network between gateway and replicas.");
    visit("workload", &PoolConfig::workload, "Where requests come from.", required);
    visit("slo", &PoolConfig::slo, "What a request must meet to count as good.");
  }
};

struct PoliciesConfig {
  PolicyConfig routing;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("routing", &PoliciesConfig::routing, "Policy that picks a replica for each request.",
          required);
  }
};

struct CostsConfig {
  std::string prices = "market_2025_11";

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("prices", &CostsConfig::prices, "Price list, a name of the catalogue.");
  }
};

/// `observe.sensors`: how replicas' metrics reach a gateway. Period 0 with delay 0 is "fresh".
struct SensorConfig {
  Duration period{50'000'000};
  Duration delay{2'000'000};
  std::int32_t phase_groups = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("period", &SensorConfig::period,
          "Time between two scrapes of a replica; 0 with delay 0: always fresh.", Duration{0},
          kHour);
    visit("delay", &SensorConfig::delay, "From a scrape until policies see it.",
          at_least(Duration{0}));
    visit("phase_groups", &SensorConfig::phase_groups,
          "Phases of the period on which scrapes fall.", 1, 10'000);
  }
};

struct ObserveConfig {
  SensorConfig sensors;
  Duration interval{10'000'000'000};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("sensors", &ObserveConfig::sensors, "How replicas' metrics reach policies.");
    visit("interval", &ObserveConfig::interval, "Time between two samples of the time series.",
          Duration{1'000'000}, 8760 * kHour);
  }
};

struct RunConfig {
  std::uint64_t seed = 0;
  std::optional<Duration> horizon;
  bool drain = true;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("seed", &RunConfig::seed, "Seed of all random streams.");
    visit("horizon", &RunConfig::horizon,
          "No request arrives after it; left out, the workloads' end.", Duration{1},
          87'600 * kHour);
    visit("drain", &RunConfig::drain, "Whether requests unfinished at the horizon are finished.");
  }
};

struct Scenario {
  std::string api_version;
  MetadataConfig metadata;
  ClusterConfig cluster;
  std::map<std::string, PoolConfig> pools;
  PoliciesConfig policies;
  CostsConfig costs;
  ObserveConfig observe;
  RunConfig run;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("apiVersion", &Scenario::api_version, "Version of this format, plimsoll.dev/v1alpha1.",
          required);
    visit("metadata", &Scenario::metadata, "What the scenario is called.");
    visit("cluster", &Scenario::cluster, "The hardware.", required);
    visit("pools", &Scenario::pools, "Pools of equal replicas, each behind a gateway, by name.",
          required);
    visit("policies", &Scenario::policies, "What decides.", required);
    visit("costs", &Scenario::costs, "What the hardware costs.");
    visit("observe", &Scenario::observe, "What is measured, and how late it is known.");
    visit("run", &Scenario::run, "Seed and length of the run.");
  }
};

}  // namespace plimsoll
