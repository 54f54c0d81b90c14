#include "sim/plan_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/collect_faults.hpp"
#include "core/version.hpp"
#include "scenario/serving_spec.hpp"
#include "traces/length_tables.hpp"
#include "traces/synthetic.hpp"
#include "traces/trace_source.hpp"
#include "traces/trace_stream.hpp"
#include "workloads/serving_deployment.hpp"

namespace plimsoll {
namespace {

/// One pool being planned: its place in the scenario, and where faults go.
struct PoolDraft {
  const ResolvedScenario& resolved;
  const ResolvedPool& pool;
  const PoolConfig& config;
  const ResolvedNodeGroup& group;
  std::string path;  ///< "pools.chat"
};

/// What a pool's replicas are made of.
struct PoolDeployment {
  ServingDeployment own;  ///< of all its replicas, or of those that decode
  std::optional<ServingDeployment> prefill;
  Bytes kv_per_token{};  ///< of all ranks of a replica
  std::int32_t layers = 0;

  /// Those that the gateway's policy chooses from.
  const ServingDeployment& front() const { return prefill ? *prefill : own; }
  std::int32_t max_model_len() const { return std::min(own.max_model_len, front().max_model_len); }
};

/// KV blocks are handed over as they are.
void check_block_sizes(const PoolDraft& draft, const ServingDeployment& prefill,
                       const ServingDeployment& decode) {
  if (prefill.block_size == decode.block_size) return;
  const std::string path = draft.path + ".prefill.engine.block_size";
  throw ConfigError(
      position_of(draft.resolved.root, path),
      fmt::format("{} = {} is not the {} tokens of a KV block of {}: a block that is handed over "
                  "must fit.",
                  path, prefill.block_size, decode.block_size, draft.path));
}

PoolDeployment deploy(const PoolDraft& draft, HardwareCatalog& hardware,
                      WorkloadCatalog& workloads) {
  const PoolConfig& config = draft.config;
  const ConfigNode& root = draft.resolved.root;
  PoolDeployment deployment;
  deployment.own = deploy_serving(hardware, workloads, serving_spec(draft.resolved, draft.pool),
                                  {root, draft.path});
  if (!config.prefill) return deployment;
  deployment.prefill = deploy_serving(hardware, workloads, prefill_spec(draft.resolved, draft.pool),
                                      {root, draft.path + ".prefill"});
  check_block_sizes(draft, *deployment.prefill, deployment.own);
  const ModelSpec model = workloads.model(config.model, position_of(root, draft.path + ".model"));
  Quantization quantization = quantization_of(*parse_precision(config.dtype));
  if (config.kv_cache_dtype == "fp8") quantization.kv = Precision::fp8;
  deployment.kv_per_token = kv_bytes_per_token(model, quantization, 1);
  deployment.layers = model.layers;
  return deployment;
}

std::unique_ptr<ArrivalStream> trace_arrivals(const PoolDraft& draft, const TraceConfig& trace) {
  const TraceSource source{trace.format, draft.pool.trace.string()};
  const Position at = position_of(draft.resolved.root, draft.path + ".workload.trace.format");
  Trace read = read_trace(source, at);
  return std::make_unique<TraceStream>(
      std::make_shared<const std::vector<Arrival>>(std::move(read.arrivals)),
      std::move(read.prefixes));
}

std::unique_ptr<ArrivalStream> synthetic_arrivals(const PoolDraft& draft,
                                                  const SyntheticConfig& config) {
  SyntheticArrivals law;
  law.rate_per_second = config.rate.count();
  law.shape = config.shape;
  law.rate_cv = config.rate_cv;
  law.rate_window = config.rate_window;
  law.requests = config.requests;
  law.horizon = draft.resolved.scenario.run.horizon;
  if (config.prefix) {
    law.prefix = {config.prefix->groups, config.prefix->tokens, config.prefix->share,
                  config.prefix->zipf};
  }
  return std::make_unique<SyntheticStream>(
      law, std::make_shared<const LengthTables>(read_lengths(draft.pool.lengths.string())),
      draft.resolved.scenario.run.seed, draft.path);
}

std::unique_ptr<ArrivalStream> arrivals(const PoolDraft& draft) {
  const WorkloadConfig& workload = draft.config.workload;
  return workload.trace ? trace_arrivals(draft, *workload.trace)
                        : synthetic_arrivals(draft, *workload.synthetic);
}

/// What the engine's prefix cache can find in the workload; null where it finds nothing.
std::shared_ptr<const PrefixBlocks> prefixes(const PoolDraft& draft,
                                             const ServingDeployment& deployment,
                                             const ArrivalStream& arrivals) {
  std::shared_ptr<const PrefixBlocks> blocks = arrivals.prefix_blocks();
  if (!blocks || !deployment.prefix_caching) return nullptr;
  if (blocks->block_tokens % deployment.block_size != 0) {
    throw ConfigError(
        position_of(draft.resolved.root, draft.path + ".engine.block_size"),
        fmt::format("{}.engine.block_size = {} does not divide the {} tokens of which the "
                    "workload says whether prompts share them; change it or switch "
                    "prefix_caching off.",
                    draft.path, deployment.block_size, blocks->block_tokens));
  }
  return blocks;
}

/// The tiers behind the prefix cache, as one attention rank's share of them.
KvOffloadSetup offload(const PoolDraft& draft, const ServingDeployment& deployment,
                       std::int64_t unit_blocks) {
  const PoolConfig& config = draft.config;
  const bool own = !config.prefill || !config.prefill->engine;
  const EngineConfig& engine = own ? config.engine : *config.prefill->engine;
  const std::string path = draft.path + (own ? "" : ".prefill") + ".engine.kv_offload";
  const Parallelism& cut = deployment.parallelism;
  KvOffloadSetup setup;
  setup.unit_bytes =
      deployment.memory.per_block * unit_blocks * (std::int64_t{cut.tensor} * cut.pipeline);
  const auto add = [&](const char* name, const std::optional<OffloadTierConfig>& tier) {
    if (!tier) return;
    const std::int64_t units = tier->capacity.count() / cut.data / setup.unit_bytes.count();
    if (units == 0) {
      throw ConfigError(
          position_of(draft.resolved.root, path + "." + name + ".capacity"),
          fmt::format("{}.{}.capacity = {} does not hold the {} of one prefix block "
                      "on each attention rank.",
                      path, name, scalar_text(tier->capacity), scalar_text(setup.unit_bytes)));
    }
    setup.tiers.push_back({units, tier->bandwidth / static_cast<double>(cut.data)});
  };
  if (engine.kv_offload) {
    add("host", engine.kv_offload->host);
    add("disk", engine.kv_offload->disk);
  }
  return setup;
}

/// Replica names of equal length, so that the order of rows is the order of names.
std::vector<std::string> replica_names(const std::string& pool, std::int32_t replicas) {
  const std::size_t width = std::to_string(replicas - 1).size();
  std::vector<std::string> names;
  for (std::int32_t row = 0; row < replicas; ++row) {
    names.push_back(fmt::format("{}-{:0{}}", pool, row, width));
  }
  return names;
}

GatewaySetup gateway_setup(const PoolDraft& draft, const PoolDeployment& deployment,
                           ViewColumns columns, bool record_views) {
  const SensorConfig& sensors = draft.resolved.scenario.observe.sensors;
  GatewaySetup gateway;
  gateway.pool = draft.pool.name;
  gateway.replicas = draft.config.prefill ? replica_names(draft.pool.name + "-prefill",
                                                          draft.config.prefill->replicas)
                                          : replica_names(draft.pool.name, draft.config.replicas);
  gateway.dispatch_latency = draft.config.gateway.dispatch_latency;
  gateway.max_model_len = deployment.max_model_len();
  if (record_views) {
    const PolicyConfig& policy = *draft.resolved.scenario.policies.routing;
    gateway.recording =
        RecordingBegin{draft.pool.name,
                       policy.name,
                       policy.settings.entries.empty() ? "" : to_yaml(policy.settings),
                       draft.resolved.scenario.run.seed,
                       draft.path + "/gateway",
                       gateway.replicas};
  }
  if (reads(columns, ViewColumns::scraped_load)) {
    gateway.fresh_sensors = sensors.period.count() == 0;
    gateway.sensors = {sensors.period, std::max(sensors.delay, Duration{1}), sensors.phase_groups};
  }
  return gateway;
}

ReplicaSetup pool_replica(const PoolDraft& draft, const ServingDeployment& deployment,
                          ViewColumns columns, const PoolSetup& pool) {
  ReplicaSetup replica = replica_setup(deployment);
  replica.gateway = pool.gateway_id();
  replica.response_latency = draft.config.gateway.response_latency;
  replica.reports_responses = reads(columns, ViewColumns::in_flight);
  replica.reports_changes = pool.gateway.fresh_sensors;
  return replica;
}

DecodeSetup decode_setup(const PoolDraft& draft, const PoolDeployment& deployment,
                         const PoolSetup& pool) {
  const KvTransferConfig transfer = draft.config.kv_transfer.value_or(KvTransferConfig{});
  DecodeSetup decode;
  decode.replica = pool_replica(draft, deployment.own, ViewColumns::none, pool);
  decode.replica.reports_changes = false;  // the gateway's policy does not see it
  decode.replica.front_end = Duration{0};  // the prompt has been read on its way in
  decode.replica.front_end_per_token_s = 0;
  decode.replicas = static_cast<std::uint32_t>(draft.config.replicas);
  decode.transfers.link = {transfer.latency + deployment.front().handshake, transfer.bandwidth,
                           deployment.kv_per_token, transfer.layerwise ? deployment.layers : 0};
  return decode;
}

PrefillGroup prefill_group(const PoolDraft& draft, const ServingDeployment& deployment) {
  const ResolvedNodeGroup& group = draft.resolved.groups[draft.pool.prefill_group];
  PrefillGroup prefill;
  prefill.replicas = static_cast<std::uint32_t>(draft.config.prefill->replicas);
  prefill.gpus_per_replica = static_cast<std::uint32_t>(draft.config.prefill->parallelism().gpus());
  prefill.kv_blocks_per_replica = static_cast<std::uint64_t>(deployment.kv_blocks) *
                                  static_cast<std::uint64_t>(deployment.parallelism.data);
  prefill.gpu = group.gpu.name;
  prefill.price_usd_per_gpu_hour = group.price_per_gpu.count();
  prefill.idle_power_w = deployment.idle_power_w;
  prefill.busy_power_w = deployment.busy_power_w;
  return prefill;
}

/// What predictions for the pool's replicas rest on beyond measurements of the like, each said once.
std::string extrapolations(const PoolDeployment& pool) {
  std::vector<std::string> sentences = pool.own.extrapolations;
  for (const std::string& sentence : pool.front().extrapolations) {
    if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end())
      sentences.push_back(sentence);
  }
  return fmt::format("{}", fmt::join(sentences, "\n"));
}

PoolFacts pool_constants(const PoolDraft& draft, const PoolDeployment& pool) {
  const ServingDeployment& deployment = pool.own;
  PoolFacts facts;
  facts.name = draft.pool.name;
  facts.model = draft.config.model;
  facts.gpu = draft.group.gpu.name;
  facts.routing = draft.resolved.scenario.policies.routing->name;
  facts.replicas = static_cast<std::uint32_t>(draft.config.replicas);
  facts.gpus_per_replica = static_cast<std::uint32_t>(draft.config.parallelism().gpus());
  facts.kv_blocks_per_replica = static_cast<std::uint64_t>(deployment.kv_blocks) *
                                static_cast<std::uint64_t>(deployment.parallelism.data);
  facts.kv_block_tokens = static_cast<std::uint32_t>(deployment.block_size);
  facts.slo_ttft_ns = to_ns(draft.config.slo.ttft.value_or(Duration{0}));
  facts.slo_tpot_ns = to_ns(draft.config.slo.tpot.value_or(Duration{0}));
  facts.price_usd_per_gpu_hour = draft.group.price_per_gpu.count();
  facts.idle_power_w = deployment.idle_power_w;
  facts.busy_power_w = deployment.busy_power_w;
  facts.step_time_level = deployment.level;
  facts.step_time_error = std::max(deployment.step_time_error, pool.front().step_time_error);
  facts.step_time_error_p90 =
      std::max(deployment.step_time_error_p90, pool.front().step_time_error_p90);
  facts.extrapolations = extrapolations(pool);
  if (pool.prefill) facts.prefill = prefill_group(draft, *pool.prefill);
  return facts;
}

PoolPlan plan_pool(const PoolDraft& draft, const PoolDeployment& deployment,
                   const RoutingPolicyEntry& policy, std::uint32_t first_id, bool record_views) {
  PoolPlan plan;
  plan.policy = policy.make({draft.resolved.scenario.run.seed, draft.path + "/gateway"},
                            draft.resolved.scenario.policies.routing->settings);
  PoolSetup setup;
  setup.first_id = first_id;
  setup.gateway = gateway_setup(draft, deployment, plan.policy->columns(), record_views);
  setup.replica = pool_replica(draft, deployment.front(), plan.policy->columns(), setup);
  if (deployment.prefill) setup.decode = decode_setup(draft, deployment, setup);
  setup.join_roles();
  setup.constants = pool_constants(draft, deployment);
  plan.arrivals = arrivals(draft);
  setup.replica.prefixes = prefixes(draft, deployment.front(), *plan.arrivals);
  if (setup.replica.prefixes) {
    const std::int32_t tokens = setup.replica.prefixes->block_tokens;
    setup.constants.prefix_block_tokens = static_cast<std::uint32_t>(tokens);
    setup.replica.offload = offload(draft, deployment.front(), tokens / setup.replica.block_tokens);
  }
  plan.setup = std::make_shared<const PoolSetup>(std::move(setup));
  return plan;
}

/// Whether the pool names what a deployment needs; what it misses has been reported.
bool deployable(const ResolvedScenario& resolved, const ResolvedPool& pool,
                const PoolConfig& config) {
  const auto known = [&](std::size_t group) {
    return group < resolved.groups.size() && !resolved.groups[group].gpu.name.empty();
  };
  return known(pool.group) && (!config.prefill || known(pool.prefill_group)) &&
         !config.model.empty();
}

/// Which catalogue files stand behind the run: a result that names their content can be told from one that used others.
std::string catalogue_comment(const ResolvedScenario& resolved, const WorkloadCatalog& workloads) {
  std::vector<CatalogEntry> used = resolved.catalog;
  used.insert(used.end(), workloads.used().begin(), workloads.used().end());
  std::string text = fmt::format("# catalogue {}:", content_hash(used));
  for (const CatalogEntry& entry : used) text += fmt::format(" {}/{}", entry.kind, entry.name);
  return text + "\n";
}

RunFacts run_constants(const ResolvedScenario& resolved) {
  RunFacts facts;
  facts.seed = resolved.scenario.run.seed;
  facts.scenario_yaml = resolved.yaml();
  facts.version = version();
  std::vector<std::int64_t> unused;
  for (const ResolvedNodeGroup& group : resolved.groups) {
    facts.cluster_gpus += static_cast<std::uint32_t>(group.gpus());
    facts.cluster_price_usd_per_hour += group.price_per_gpu.count() * group.gpus();
    unused.push_back(group.gpus());
  }
  for (const ResolvedPool& pool : resolved.pools) {
    const PoolConfig& config = resolved.scenario.pools.at(pool.name);
    unused[pool.group] -= std::int64_t{config.replicas} * config.parallelism().gpus();
    if (!config.prefill) continue;
    unused[pool.prefill_group] -=
        std::int64_t{config.prefill->replicas} * config.prefill->parallelism().gpus();
  }
  for (std::size_t i = 0; i < unused.size(); ++i) {
    facts.unused_idle_power_w +=
        static_cast<double>(unused[i]) * resolved.groups[i].gpu.idle_power.value.count();
  }
  return facts;
}

}  // namespace

RunPlan plan_run(const ResolvedScenario& resolved, const PolicyRegistry& registry,
                 const PlanOptions& options, std::vector<Fault> faults) {
  RunPlan plan;
  HardwareCatalog hardware(options.catalogs);
  WorkloadCatalog workloads(options.catalogs);
  std::uint32_t next_id = 1;
  const std::optional<PolicyConfig>& routing = resolved.scenario.policies.routing;
  const RoutingPolicyEntry* policy = routing ? registry.routing(routing->name) : nullptr;
  collect_faults(faults, [&] {
    if (policy != nullptr) policy->make({}, routing->settings);
  });
  for (const ResolvedPool& pool : resolved.pools) {
    const PoolConfig& config = resolved.scenario.pools.at(pool.name);
    if (!deployable(resolved, pool, config)) continue;
    const PoolDraft draft{resolved, pool, config, resolved.groups[pool.group],
                          "pools." + pool.name};
    collect_faults(faults, [&] {
      const PoolDeployment deployment = deploy(draft, hardware, workloads);
      if (!faults.empty()) return;  // there will be no run
      plan.pools.push_back(plan_pool(draft, deployment, *policy, next_id, options.record_views));
      next_id = plan.pools.back().setup->end_id();
    });
  }
  if (!resolved.jobs.empty())
    plan.jobs = plan_jobs(resolved, registry, hardware, workloads, faults);
  if (!faults.empty()) throw_faults(std::move(faults));
  const RunConfig& run = resolved.scenario.run;
  plan.observe_interval = resolved.scenario.observe.interval;
  if (run.horizon) plan.horizon = SimTime{*run.horizon};
  plan.drain = run.drain;
  plan.constants = run_constants(resolved);
  plan.constants.scenario_yaml += catalogue_comment(resolved, workloads);
  return plan;
}

}  // namespace plimsoll
