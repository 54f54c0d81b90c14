#include "scenario/checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/suggest.hpp"
#include "scenario/job_checks.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll {
namespace {

constexpr Duration kLongestDelay{10'000'000'000};
constexpr Duration kClosestScrapes{100'000};
constexpr std::int64_t kMostSamples = 1'000'000;
constexpr std::size_t kLongestName = 63;
constexpr std::int64_t kMostPrefixTokens = 10'000'000'000;

/// Names become parts of paths: of random streams, of groups in the result file, of `--set`.
void check_own_names(const std::string& path, const FieldFaults& faults) {
  const ConfigNode* map = find_path(faults.root(), path);
  if (!map) return;
  for (const ConfigEntry& entry : map->entries) {
    const bool right = !entry.key.empty() && entry.key.size() <= kLongestName &&
                       std::all_of(entry.key.begin(), entry.key.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '_';
                       });
    if (right) continue;
    faults.list().push_back(
        {entry.key_at,
         fmt::format("{}: \"{}\" is no name; use up to {} letters, digits, \"-\" and \"_\".", path,
                     entry.key.substr(0, kLongestName), kLongestName)});
  }
}

void check_workload(const std::string& path, const WorkloadConfig& workload, const RunConfig& run,
                    const FieldFaults& faults) {
  if (workload.trace.has_value() == workload.synthetic.has_value()) {
    faults.add(path, fmt::format("has {}; give exactly one.", workload.trace
                                                                  ? "both trace and synthetic"
                                                                  : "neither trace nor synthetic"));
  }
  if (workload.synthetic && workload.synthetic->prefix) {
    const SharedPrefixConfig& prefix = *workload.synthetic->prefix;
    if (std::int64_t{prefix.groups} * prefix.tokens > kMostPrefixTokens) {
      faults.add(path + ".synthetic.prefix",
                 fmt::format("has {} prefixes of {} tokens; all together may have {}.",
                             prefix.groups, prefix.tokens, kMostPrefixTokens));
    }
  }
  if (workload.synthetic && !workload.synthetic->requests && !run.horizon)
    faults.add(path + ".synthetic", "never ends; give it requests, or give run.horizon.");
}

void check_engine(const std::string& path, const EngineConfig& engine, const FieldFaults& faults) {
  if (engine.kv_offload && !engine.kv_offload->host && !engine.kv_offload->disk)
    faults.add(path + ".kv_offload", "has neither host nor disk; give one of them, or both.");
}

void check_pool(const std::string& path, const PoolConfig& pool, const Scenario& scenario,
                const FieldFaults& faults) {
  std::vector<std::string> groups;
  for (const auto& [name, group] : scenario.cluster.nodes) groups.push_back(name);
  faults.check_name(path + ".nodes", "name of cluster.nodes", pool.nodes, groups);
  if (!parse_precision(pool.dtype))
    faults.check_name(path + ".dtype", "dtype", pool.dtype, {"bf16", "fp8"});
  if (pool.prefill && pool.prefill->nodes)
    faults.check_name(path + ".prefill.nodes", "name of cluster.nodes", *pool.prefill->nodes,
                      groups);
  if (pool.kv_transfer && !pool.prefill)
    faults.add(
        path + ".kv_transfer",
        fmt::format("has nothing to move: the pool has no prefill replicas; give {}.prefill.",
                    path));
  check_engine(path + ".engine", pool.engine, faults);
  if (pool.prefill && pool.prefill->engine)
    check_engine(path + ".prefill.engine", *pool.prefill->engine, faults);
  check_workload(path + ".workload", pool.workload, scenario.run, faults);
}

void check_observe(const ObserveConfig& observe, const RunConfig& run, const FieldFaults& faults) {
  const SensorConfig& sensors = observe.sensors;
  if (sensors.delay >= kLongestDelay) {
    faults.add("observe.sensors.delay",
               fmt::format("= {} is not below {}.", scalar_text(sensors.delay),
                           scalar_text(kLongestDelay)));
  }
  if (sensors.period == Duration{0} && sensors.delay != Duration{0}) {
    faults.add("observe.sensors.period", fmt::format("= 0s (always fresh) needs delay 0s, not {}.",
                                                     scalar_text(sensors.delay)));
  }
  if (sensors.period > Duration{0} && sensors.period / sensors.phase_groups < kClosestScrapes) {
    faults.add("observe.sensors.period",
               fmt::format("= {} with {} phase groups scrapes more often than every {}.",
                           scalar_text(sensors.period), sensors.phase_groups,
                           scalar_text(kClosestScrapes)));
  }
  if (run.horizon && *run.horizon / observe.interval > kMostSamples) {
    faults.add("observe.interval",
               fmt::format("= {} gives more than {} samples by run.horizon = {}; make it longer.",
                           scalar_text(observe.interval), kMostSamples, scalar_text(*run.horizon)));
  }
}

/// Something to do, and policies that decide on it.
void check_work(const Scenario& scenario, const FieldFaults& faults) {
  if (scenario.pools.empty() && scenario.jobs.empty()) {
    const bool pools = faults.root().find("pools") != nullptr;
    faults.add(pools ? "pools" : "jobs",
               pools ? "is empty; a scenario needs at least one pool, or source of jobs."
                     : "and pools are missing or empty; a scenario needs at least one of them.");
  }
  const PoliciesConfig& policies = scenario.policies;
  if (!scenario.pools.empty() && !policies.routing)
    faults.add("policies", "has no routing (Policy that picks a replica for each request).");
  if (!scenario.jobs.empty() && !policies.scheduling)
    faults.add("policies", "has no scheduling (Policy that starts and evicts jobs).");
}

}  // namespace

void FieldFaults::add(const std::string& path, std::string_view message) const {
  faults_.push_back({place(path), fmt::format("{} {}", path, message)});
}

bool FieldFaults::check_name(const std::string& path, std::string_view what,
                             const std::string& name, const std::vector<std::string>& known) const {
  if (std::find(known.begin(), known.end(), name) != known.end()) return true;
  if (!name.empty())
    faults_.push_back({place(path), fmt::format("{}: {}", path, unknown_name(what, name, known))});
  return false;
}

void check_scenario(const Scenario& scenario, const FieldFaults& faults) {
  if (!scenario.api_version.empty() && scenario.api_version != kApiVersion) {
    faults.add("apiVersion", fmt::format("= \"{}\" is not known; this version reads {}.",
                                         scenario.api_version, kApiVersion));
  }
  check_own_names("cluster.nodes", faults);
  check_own_names("pools", faults);
  check_own_names("jobs", faults);
  check_work(scenario, faults);
  for (const auto& [name, pool] : scenario.pools)
    check_pool("pools." + name, pool, scenario, faults);
  for (const auto& [name, jobs] : scenario.jobs) check_jobs("jobs." + name, jobs, scenario, faults);
  check_observe(scenario.observe, scenario.run, faults);
  if (!scenario.run.drain && !scenario.run.horizon)
    faults.add("run.drain", "= false stops the run at run.horizon, which is not given.");
}

}  // namespace plimsoll
