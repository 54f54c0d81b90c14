#include "sim/plan_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/version.hpp"
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

ServingDeployment deploy(const PoolDraft& draft, HardwareCatalog& hardware,
                         WorkloadCatalog& workloads) {
  const EngineConfig& engine = draft.config.engine;
  ServingSpec spec;
  spec.model = draft.config.model;
  spec.gpu = draft.group.gpu.name;
  spec.engine = engine.profile;
  spec.dtype = draft.config.dtype;
  spec.parallelism.tensor = draft.config.tensor_parallel;
  spec.max_num_seqs = engine.max_num_seqs;
  spec.max_num_batched_tokens = engine.max_num_batched_tokens;
  spec.block_size = engine.block_size;
  spec.max_model_len = engine.max_model_len;
  spec.gpu_memory_utilization = engine.gpu_memory_utilization;
  spec.num_gpu_blocks = engine.num_gpu_blocks;
  return deploy_serving(hardware, workloads, spec, {draft.resolved.root, draft.path});
}

std::unique_ptr<ArrivalStream> trace_arrivals(const PoolDraft& draft, const TraceConfig& trace) {
  const TraceSource source{trace.format, draft.pool.trace.string()};
  const Position at = position_of(draft.resolved.root, draft.path + ".workload.trace.format");
  return std::make_unique<TraceStream>(
      std::make_shared<const std::vector<Arrival>>(load_trace(source, at)));
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
  return std::make_unique<SyntheticStream>(
      law, std::make_shared<const LengthTables>(read_lengths(draft.pool.lengths.string())),
      draft.resolved.scenario.run.seed, draft.path);
}

std::unique_ptr<ArrivalStream> arrivals(const PoolDraft& draft) {
  const WorkloadConfig& workload = draft.config.workload;
  return workload.trace ? trace_arrivals(draft, *workload.trace)
                        : synthetic_arrivals(draft, *workload.synthetic);
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

GatewaySetup gateway_setup(const PoolDraft& draft, const ServingDeployment& deployment,
                           ViewColumns columns, bool record_views) {
  const SensorConfig& sensors = draft.resolved.scenario.observe.sensors;
  GatewaySetup gateway;
  gateway.pool = draft.pool.name;
  gateway.replicas = replica_names(draft.pool.name, draft.config.replicas);
  gateway.dispatch_latency = draft.config.gateway.dispatch_latency;
  gateway.max_model_len = deployment.max_model_len;
  if (record_views) {
    const PolicyConfig& policy = draft.resolved.scenario.policies.routing;
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

ReplicaSetup replica_setup(const PoolDraft& draft, const ServingDeployment& deployment,
                           ViewColumns columns, const PoolSetup& pool) {
  ReplicaSetup replica;
  replica.step_time = deployment.step_time;
  replica.max_num_seqs = deployment.max_num_seqs;
  replica.max_num_batched_tokens = deployment.max_num_batched_tokens;
  replica.block_tokens = deployment.block_size;
  replica.kv_blocks = deployment.kv_blocks;
  replica.gateway = pool.gateway_id();
  replica.response_latency = draft.config.gateway.response_latency;
  replica.reports_responses = reads(columns, ViewColumns::in_flight);
  replica.reports_changes = pool.gateway.fresh_sensors;
  return replica;
}

PoolFacts pool_constants(const PoolDraft& draft, const ServingDeployment& deployment) {
  PoolFacts facts;
  facts.name = draft.pool.name;
  facts.model = draft.config.model;
  facts.gpu = draft.group.gpu.name;
  facts.routing = draft.resolved.scenario.policies.routing.name;
  facts.replicas = static_cast<std::uint32_t>(draft.config.replicas);
  facts.gpus_per_replica = static_cast<std::uint32_t>(draft.config.tensor_parallel);
  facts.kv_blocks_per_replica = static_cast<std::uint64_t>(deployment.kv_blocks);
  facts.kv_block_tokens = static_cast<std::uint32_t>(deployment.block_size);
  facts.slo_ttft_ns = to_ns(draft.config.slo.ttft.value_or(Duration{0}));
  facts.slo_tpot_ns = to_ns(draft.config.slo.tpot.value_or(Duration{0}));
  facts.price_usd_per_gpu_hour = draft.group.price_per_gpu.count();
  facts.idle_power_w = deployment.idle_power_w;
  facts.busy_power_w = deployment.busy_power_w;
  facts.step_time_level = deployment.level;
  facts.step_time_error = deployment.step_time_error;
  return facts;
}

PoolPlan plan_pool(const PoolDraft& draft, const ServingDeployment& deployment,
                   const RoutingPolicyEntry& policy, std::uint32_t first_id, bool record_views) {
  PoolPlan plan;
  plan.policy = policy.make({draft.resolved.scenario.run.seed, draft.path + "/gateway"},
                            draft.resolved.scenario.policies.routing.settings);
  PoolSetup setup;
  setup.first_id = first_id;
  setup.gateway = gateway_setup(draft, deployment, plan.policy->columns(), record_views);
  setup.replica = replica_setup(draft, deployment, plan.policy->columns(), setup);
  setup.constants = pool_constants(draft, deployment);
  plan.setup = std::make_shared<const PoolSetup>(std::move(setup));
  plan.arrivals = arrivals(draft);
  return plan;
}

/// Runs `attempt`; the faults that it throws join the others.
template <class Attempt>
void add_faults(std::vector<Fault>& faults, const Attempt& attempt) {
  try {
    attempt();
  } catch (const ConfigError& error) {
    faults.insert(faults.end(), error.faults().begin(), error.faults().end());
  }
}

/// Whether the pool names what a deployment needs; what it misses has been reported.
bool deployable(const ResolvedScenario& resolved, const ResolvedPool& pool,
                const PoolConfig& config) {
  return pool.group < resolved.groups.size() && !resolved.groups[pool.group].gpu.name.empty() &&
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
    unused[pool.group] -= std::int64_t{config.replicas} * config.tensor_parallel;
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
  const PolicyConfig& routing = resolved.scenario.policies.routing;
  const RoutingPolicyEntry* policy = registry.routing(routing.name);
  add_faults(faults, [&] {
    if (policy != nullptr) policy->make({}, routing.settings);
  });
  for (const ResolvedPool& pool : resolved.pools) {
    const PoolConfig& config = resolved.scenario.pools.at(pool.name);
    if (!deployable(resolved, pool, config)) continue;
    const PoolDraft draft{resolved, pool, config, resolved.groups[pool.group],
                          "pools." + pool.name};
    add_faults(faults, [&] {
      const ServingDeployment deployment = deploy(draft, hardware, workloads);
      if (!faults.empty()) return;  // there will be no run
      plan.pools.push_back(plan_pool(draft, deployment, *policy, next_id, options.record_views));
      next_id = plan.pools.back().setup->end_id();
    });
  }
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
