#include "scenario/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "core/collect_faults.hpp"
#include "core/config/suggest.hpp"
#include "hardware/catalog_paths.hpp"
#include "scenario/checks.hpp"
#include "scenario/file_fields.hpp"
#include "scenario/resolve_jobs.hpp"

namespace plimsoll {
namespace fs = std::filesystem;
namespace {

/// `fabrics`: whether what joins the nodes matters.
void look_up_node(const NodeGroupConfig& config, bool fabrics, HardwareCatalog& catalog,
                  const FieldFaults& faults, ResolvedNodeGroup& group) {
  if (config.type.empty()) return;  // its absence has been reported
  collect_faults(faults.list(), [&] {
    group.node = catalog.node(config.type, faults.place("cluster.nodes." + group.name + ".type"));
    if (!group.node.gpu.empty()) {
      group.gpu =
          catalog.gpu(group.node.gpu, faults.place("cluster.nodes." + group.name + ".type"));
    }
  });
  if (group.node.name.empty() || (!config.fabric && !fabrics)) return;
  const std::string path = "cluster.nodes." + group.name + ".fabric";
  collect_faults(faults.list(), [&] {
    group.fabric = catalog.fabric(config.fabric.value_or(group.node.fabric), faults.place(path));
  });
}

void look_up_prices(const CostsConfig& costs, HardwareCatalog& catalog, const FieldFaults& faults,
                    std::vector<ResolvedNodeGroup>& groups) {
  collect_faults(faults.list(), [&] {
    const PriceList prices = catalog.prices(costs.prices, faults.place("costs.prices"));
    for (ResolvedNodeGroup& group : groups) {
      const auto price = prices.gpus.find(group.gpu.name);
      const auto own = costs.gpus.find(group.gpu.name);
      if (own != costs.gpus.end()) {
        group.price_per_gpu = own->second;
      } else if (price != prices.gpus.end()) {
        group.price_per_gpu = price->second.value;
      } else if (!group.gpu.name.empty()) {
        faults.add("costs.prices",
                   fmt::format("= {} has no price of {}, the GPU of cluster.nodes.{}; name a list "
                               "that has it, or give costs.gpus.{}.",
                               costs.prices, group.gpu.name, group.name, group.gpu.name));
      }
    }
  });
}

std::vector<ResolvedNodeGroup> resolve_groups(const Scenario& scenario, HardwareCatalog& catalog,
                                              const FieldFaults& faults) {
  std::vector<ResolvedNodeGroup> groups;
  for (const auto& [name, config] : scenario.cluster.nodes) {
    ResolvedNodeGroup& group = groups.emplace_back();
    group.name = name;
    group.count = config.count;
    look_up_node(config, !scenario.jobs.empty(), catalog, faults, group);
  }
  look_up_prices(scenario.costs, catalog, faults, groups);
  return groups;
}

/// Equal replicas of a pool: all of it, or its prefill replicas.
struct ReplicaGroup {
  std::string path;  ///< of their settings: "pools.chat", "pools.chat.prefill"
  std::int32_t replicas = 0;
  Parallelism parallelism;
  std::size_t group = 0;                            ///< of nodes
  std::vector<ReplicaPlacement>* placed = nullptr;  ///< where the answer goes
};

std::vector<ReplicaGroup> replica_groups(const Scenario& scenario,
                                         std::vector<ResolvedPool>& pools) {
  std::vector<ReplicaGroup> groups;
  for (ResolvedPool& pool : pools) {
    const PoolConfig& config = scenario.pools.at(pool.name);
    const std::string path = "pools." + pool.name;
    groups.push_back({path, config.replicas, config.parallelism(), pool.group, &pool.replicas});
    if (!config.prefill) continue;
    groups.push_back({path + ".prefill", config.prefill->replicas, config.prefill->parallelism(),
                      pool.prefill_group, &pool.prefill_replicas});
  }
  return groups;
}

/// False, and reported, when a replica cannot be cut out of a node.
bool check_tensor_parallel(const ReplicaGroup& replicas, const ResolvedNodeGroup& group,
                           const FieldFaults& faults) {
  const std::int32_t per_node = group.node.gpus.value;
  if (per_node == 0) return false;  // unknown node type, which has been reported
  const std::int32_t gpus = replicas.parallelism.gpus();
  if (per_node % gpus == 0) return true;
  const std::string product =
      gpus == replicas.parallelism.tensor ? "" : "* pipeline_parallel * data_parallel ";
  faults.add(
      replicas.path + ".tensor_parallel",
      fmt::format("{}= {} {} the {} GPUs of a node of type {}.", product, gpus,
                  gpus > per_node ? "is more than" : "does not divide", per_node, group.node.name));
  return false;
}

/// Gives GPUs to the pools whose nodes are known, and reports those that get too few.
void place_pools(const Scenario& scenario, const std::vector<ResolvedNodeGroup>& groups,
                 const FieldFaults& faults, std::vector<ResolvedPool>& pools) {
  std::vector<NodeGroupSize> sizes;
  for (const ResolvedNodeGroup& group : groups)
    sizes.push_back({group.count, group.node.gpus.value});
  std::vector<PoolDemand> demands;
  std::vector<ReplicaGroup> demanding;
  for (const ReplicaGroup& replicas : replica_groups(scenario, pools)) {
    if (replicas.group == groups.size()) continue;
    if (!check_tensor_parallel(replicas, groups[replicas.group], faults)) continue;
    demands.push_back({replicas.group, replicas.replicas, replicas.parallelism.gpus()});
    demanding.push_back(replicas);
  }
  std::vector<std::vector<ReplicaPlacement>> placed = place_replicas(sizes, demands);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const std::size_t got = placed[i].size();
    if (static_cast<std::int32_t>(got) < demands[i].replicas) {
      const ResolvedNodeGroup& group = groups[demands[i].group];
      faults.add(demanding[i].path + ".replicas",
                 fmt::format("= {} does not fit: of the {} GPUs of cluster.nodes.{}, what other "
                             "pools left holds {} replicas of {} GPUs.",
                             demands[i].replicas, group.gpus(), group.name, got,
                             demands[i].gpus_per_replica));
    }
    *demanding[i].placed = std::move(placed[i]);
  }
}

void find_workload_files(const WorkloadConfig& workload,
                         const std::vector<std::string>& trace_formats, const FieldFaults& faults,
                         ResolvedPool& pool) {
  const std::string path = "pools." + pool.name + ".workload";
  if (workload.trace) {
    faults.check_name(path + ".trace.format", "trace format", workload.trace->format,
                      trace_formats);
    pool.trace = find_file(path + ".trace.path", faults);
  }
  if (workload.synthetic)
    pool.lengths = find_shipped(path + ".synthetic.lengths", workload.synthetic->lengths,
                                "length table", shipped_length_tables(), faults);
}

std::vector<ResolvedPool> resolve_pools(const Scenario& scenario,
                                        const std::vector<ResolvedNodeGroup>& groups,
                                        const ScenarioContext& context, const FieldFaults& faults) {
  std::vector<ResolvedPool> pools;
  for (const auto& [name, config] : scenario.pools) {
    ResolvedPool& pool = pools.emplace_back();
    pool.name = name;
    const auto group_named = [&](const std::string& nodes) {
      const auto group =
          std::find_if(groups.begin(), groups.end(),
                       [&](const ResolvedNodeGroup& each) { return each.name == nodes; });
      return static_cast<std::size_t>(group - groups.begin());
    };
    pool.group = group_named(config.nodes);
    pool.prefill_group =
        config.prefill && config.prefill->nodes ? group_named(*config.prefill->nodes) : pool.group;
    find_workload_files(config.workload, context.trace_formats, faults, pool);
    if (config.engine.anchor) pool.anchor = find_file("pools." + name + ".engine.anchor", faults);
    if (config.prefill && config.prefill->engine && config.prefill->engine->anchor)
      pool.prefill_anchor = find_file("pools." + name + ".prefill.engine.anchor", faults);
  }
  place_pools(scenario, groups, faults, pools);
  return pools;
}

/// By file in the order of first mention, then by line; each once.
void sort_faults(std::vector<Fault>& faults) {
  std::map<std::string, std::size_t> rank;
  for (const Fault& fault : faults) rank.emplace(fault.at.source, rank.size());
  const auto key = [&](const Fault& fault) {
    return std::tuple(rank.at(fault.at.source), fault.at.line, fault.at.column);
  };
  std::stable_sort(faults.begin(), faults.end(),
                   [&](const Fault& a, const Fault& b) { return key(a) < key(b); });
  const auto same = [](const Fault& a, const Fault& b) { return a.text() == b.text(); };
  faults.erase(std::unique(faults.begin(), faults.end(), same), faults.end());
}

}  // namespace

std::string ResolvedScenario::yaml() const { return to_yaml(write_config(scenario)); }

void throw_faults(std::vector<Fault> faults) {
  sort_faults(faults);
  throw ConfigError(std::move(faults));
}

ResolvedScenario resolve_scenario(ScenarioTree tree, const ScenarioContext& context,
                                  std::vector<Fault>& found) {
  ResolvedScenario resolved;
  resolved.root = std::move(tree.root);
  found = std::move(tree.faults);
  const FieldFaults faults(resolved.root, found);
  resolved.scenario = read_config<Scenario>(resolved.root, found);
  check_scenario(resolved.scenario, faults);
  const PoliciesConfig& policies = resolved.scenario.policies;
  if (policies.routing) {
    faults.check_name("policies.routing", "policy", policies.routing->name,
                      context.routing_policies);
  }
  if (policies.scheduling) {
    faults.check_name("policies.scheduling", "policy", policies.scheduling->name,
                      context.scheduling_policies);
  }

  HardwareCatalog catalog(catalog_roots(context.catalogs, tree.folder));
  resolved.groups = resolve_groups(resolved.scenario, catalog, faults);
  resolved.pools = resolve_pools(resolved.scenario, resolved.groups, context, faults);
  resolved.jobs = resolve_jobs(resolved.scenario, resolved.groups, context, faults);
  resolved.catalog = catalog.used();
  return resolved;
}

ResolvedScenario resolve_scenario(ScenarioTree tree, const ScenarioContext& context) {
  std::vector<Fault> faults;
  ResolvedScenario resolved = resolve_scenario(std::move(tree), context, faults);
  if (!faults.empty()) throw_faults(std::move(faults));
  return resolved;
}

ResolvedScenario load_scenario(const fs::path& file, const std::vector<std::string>& assignments,
                               const ScenarioContext& context) {
  ScenarioTree tree = load_scenario_tree(file);
  for (const std::string& assignment : assignments) set_field(tree, assignment);
  return resolve_scenario(std::move(tree), context);
}

}  // namespace plimsoll
