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
#include "scenario/job_config.hpp"
#include "scenario/network_config.hpp"
#include "scenario/workload_config.hpp"
#include "workloads/parallelism.hpp"

namespace plimsoll {

inline constexpr std::string_view kApiVersion = "plimsoll.dev/v1alpha1";

struct MetadataConfig {
  std::optional<std::string> name;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &MetadataConfig::name, "What reports call the scenario.");
  }
};

/// `cluster.nodes.<name>.stragglers`: nodes that are slower than they should be, drawn once for the run.
struct StragglersConfig {
  double share = 0;
  double slowdown = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("share", &StragglersConfig::share, "Share of the nodes that are slow.", required, 0.0,
          1.0);
    visit("slowdown", &StragglersConfig::slowdown,
          "Time that they take for a step, against a sound node.", required, 1.0, 100.0);
  }
};

/// `cluster.nodes.<name>`: so many nodes of one catalogue type.
struct NodeGroupConfig {
  std::string type;
  std::int32_t count = 1;
  std::optional<std::string> fabric;
  bool mig = false;
  std::optional<StragglersConfig> stragglers;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("type", &NodeGroupConfig::type, "Node type, a name of the catalogue.", required);
    visit("count", &NodeGroupConfig::count, "Number of such nodes.", 1, 1'000'000);
    visit("fabric", &NodeGroupConfig::fabric,
          "What joins them, a name of the catalogue; left out, what such nodes usually have.");
    visit("mig", &NodeGroupConfig::mig,
          "Whether jobs may hold MIG partitions of its GPUs, made as they ask.");
    visit("stragglers", &NodeGroupConfig::stragglers, "Nodes that training jobs have to wait for.");
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

/// `engine.kv_offload.host` and `.disk`: KV blocks that the GPUs evict, kept to be loaded again.
struct OffloadTierConfig {
  Bytes capacity{};
  BytesPerSecond bandwidth{};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("capacity", &OffloadTierConfig::capacity, "KV cache that it holds, per replica.",
          required, above(Bytes{0}));
    visit("bandwidth", &OffloadTierConfig::bandwidth,
          "Of loads from it, per replica, shared evenly by those that run at the same time.",
          required, BytesPerSecond{1e6}, BytesPerSecond{1e15});
  }
};

struct KvOffloadConfig {
  std::optional<OffloadTierConfig> host;
  std::optional<OffloadTierConfig> disk;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("host", &KvOffloadConfig::host, "Host memory: takes what the GPUs evict.");
    visit("disk", &KvOffloadConfig::disk,
          "Local disk: takes what host memory evicts, or the GPUs where there is none.");
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
  std::optional<bool> prefix_caching;          ///< default: the profile's
  std::optional<KvOffloadConfig> kv_offload;   ///< behind the prefix cache
  std::optional<std::string> anchor;  ///< as written; ResolvedPool::anchor is where it leads

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
    visit("prefix_caching", &EngineConfig::prefix_caching,
          "Whether computed blocks of prompts are found again by their content.");
    visit("kv_offload", &EngineConfig::kv_offload,
          "Tiers behind the prefix cache: what the GPUs evict is kept there.");
    visit("anchor", &EngineConfig::anchor,
          "File of plimsoll calibrate deployment, relative to the file that names it.");
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

/// `pools.<name>.speculative`: each step of decoding verifies drafted tokens.
struct SpeculativeConfig {
  std::int32_t draft_tokens = 0;
  std::optional<double> accepted_length;
  double draft_share = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("draft_tokens", &SpeculativeConfig::draft_tokens, "Drafted tokens per step.", required, 1,
          64);
    visit("accepted_length", &SpeculativeConfig::accepted_length,
          "Mean tokens that a step yields; left out, the catalogue's of the model.", 1.0, 65.0);
    visit("draft_share", &SpeculativeConfig::draft_share,
          "Time of one drafted token against a step without speculation.", required, 0.0, 10.0);
  }
};

/// `pools.<name>.prefill`: replicas that prefill for those of the pool, which then only decode.
struct PrefillConfig {
  std::int32_t replicas = 1;
  std::int32_t tensor_parallel = 1;
  std::int32_t pipeline_parallel = 1;
  std::int32_t expert_parallel = 1;
  std::int32_t data_parallel = 1;
  std::optional<std::string> nodes;
  std::optional<EngineConfig> engine;

  Parallelism parallelism() const {
    return {tensor_parallel, pipeline_parallel, expert_parallel, data_parallel};
  }

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("replicas", &PrefillConfig::replicas, "Number of prefill replicas.", required, 1,
          100'000);
    visit("tensor_parallel", &PrefillConfig::tensor_parallel, "Ranks that each layer is cut into.",
          1, 1024);
    visit("pipeline_parallel", &PrefillConfig::pipeline_parallel, "Stages of layers.", 1, 1024);
    visit("expert_parallel", &PrefillConfig::expert_parallel,
          "Groups of whole experts; divides tensor_parallel * data_parallel.", 1, 1024);
    visit("data_parallel", &PrefillConfig::data_parallel,
          "Attention ranks of a replica, each with a scheduler and a KV cache.", 1, 1024);
    visit("nodes", &PrefillConfig::nodes,
          "Nodes that they run on, a name of cluster.nodes; left out, those of the pool.");
    visit("engine", &PrefillConfig::engine, "Their serving engine; left out, that of the pool.");
  }
};

struct PoolConfig {
  std::string model;
  std::string dtype = "bf16";
  std::string nodes;
  std::int32_t replicas = 1;
  std::int32_t tensor_parallel = 1;
  std::int32_t pipeline_parallel = 1;
  std::int32_t expert_parallel = 1;
  std::int32_t data_parallel = 1;
  std::string kv_cache_dtype = "auto";
  std::optional<SpeculativeConfig> speculative;
  std::int32_t lora_adapters = 0;
  EngineConfig engine;
  std::optional<PrefillConfig> prefill;
  std::optional<KvTransferConfig> kv_transfer;
  GatewayConfig gateway;
  WorkloadConfig workload;
  SloConfig slo;

  Parallelism parallelism() const {
    return {tensor_parallel, pipeline_parallel, expert_parallel, data_parallel};
  }

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &PoolConfig::model, "Model, a name of the catalogue.", required);
    visit("dtype", &PoolConfig::dtype,
          "Number format of weights: bf16, fp8, fp8_block, nvfp4, mxfp4 or int4.");
    visit("nodes", &PoolConfig::nodes, "Nodes that it runs on, a name of cluster.nodes.", required);
    visit("replicas", &PoolConfig::replicas, "Number of replicas.", 1, 100'000);
    visit("tensor_parallel", &PoolConfig::tensor_parallel, "Ranks that each layer is cut into.", 1,
          1024);
    visit("pipeline_parallel", &PoolConfig::pipeline_parallel, "Stages of layers.", 1, 1024);
    visit("expert_parallel", &PoolConfig::expert_parallel,
          "Groups of whole experts; divides tensor_parallel * data_parallel.", 1, 1024);
    visit("data_parallel", &PoolConfig::data_parallel,
          "Attention ranks of a replica, each with a scheduler and a KV cache.", 1, 1024);
    visit("kv_cache_dtype", &PoolConfig::kv_cache_dtype,
          "Number format of the KV cache: auto (bf16), bf16 or fp8.");
    visit("speculative", &PoolConfig::speculative, "Speculative decoding.");
    visit("lora_adapters", &PoolConfig::lora_adapters,
          "LoRA adapters among the sequences of a step.", 0, 10'000);
    visit("engine", &PoolConfig::engine, "The serving engine.");
    visit("prefill", &PoolConfig::prefill,
          "Replicas that prefill for the others, which then only decode.");
    visit("kv_transfer", &PoolConfig::kv_transfer,
          "How KV caches get from prefill to decode replicas.");
    visit("gateway", &PoolConfig::gateway, "Network between gateway and replicas.");
    visit("workload", &PoolConfig::workload, "Where requests come from.", required);
    visit("slo", &PoolConfig::slo, "What a request must meet to count as good.");
  }
};

/// `policies.scheduling_cycle`: how often a cluster scheduler decides, and how long that takes.
struct SchedulingCycleConfig {
  Duration period{1'000'000'000};
  Duration latency{100'000'000};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("period", &SchedulingCycleConfig::period,
          "Time between two cycles, where there is something to decide; 0: at once.", Duration{0},
          24 * kHour);
    visit("latency", &SchedulingCycleConfig::latency,
          "From the beginning of a cycle until jobs start as it decided.", Duration{0}, kHour);
  }
};

struct PoliciesConfig {
  std::optional<PolicyConfig> routing;
  std::optional<PolicyConfig> scheduling;
  SchedulingCycleConfig scheduling_cycle;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("routing", &PoliciesConfig::routing, "Policy that picks a replica for each request.");
    visit("scheduling", &PoliciesConfig::scheduling, "Policy that starts and evicts jobs.");
    visit("scheduling_cycle", &PoliciesConfig::scheduling_cycle,
          "How often it decides, and how long that takes.");
  }
};

struct CostsConfig {
  std::string prices = "market_2025_11";
  std::map<std::string, UsdPerHour> gpus;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("prices", &CostsConfig::prices, "Price list, a name of the catalogue.");
    visit("gpus", &CostsConfig::gpus,
          "What you pay for a GPU, in place of the list's price, by names of the catalogue.",
          at_least(UsdPerHour{0}));
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
  std::map<std::string, JobSourceConfig> jobs;
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
    visit("pools", &Scenario::pools, "Pools of equal replicas, each behind a gateway, by name.");
    visit("jobs", &Scenario::jobs, "Sources of batch and training jobs, by name.");
    visit("policies", &Scenario::policies, "What decides.", required);
    visit("costs", &Scenario::costs, "What the hardware costs.");
    visit("observe", &Scenario::observe, "What is measured, and how late it is known.");
    visit("run", &Scenario::run, "Seed and length of the run.");
  }
};

}  // namespace plimsoll
