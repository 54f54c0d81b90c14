// From a scenario's tree to everything that a run needs to know: fields read and checked, names looked up, GPUs given.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hardware/hardware_catalog.hpp"
#include "scenario/placement.hpp"
#include "scenario/scenario.hpp"
#include "scenario/scenario_tree.hpp"

namespace plimsoll {

/// What names in a scenario may mean beyond its own.
struct ScenarioContext {
  std::vector<std::filesystem::path> catalogs;     ///< --catalog, searched first
  std::vector<std::string> routing_policies;       ///< PolicyRegistry::routing_names
  std::vector<std::string> trace_formats;          ///< TraceFormats::names
  std::vector<std::string> scheduling_policies{};  ///< PolicyRegistry::scheduling_names
  std::vector<std::string> job_trace_formats{};    ///< JobTraceFormats::names
};

/// One name of `cluster.nodes`.
struct ResolvedNodeGroup {
  std::string name;
  std::int32_t count = 0;
  NodeSpec node;
  GpuSpec gpu;        ///< without a name where the nodes have none
  FabricSpec fabric;  ///< of a scenario with jobs
  UsdPerHour price_per_gpu{};

  std::int32_t gpus() const { return count * node.gpus.value; }
};

/// One name of `pools`; its settings are Scenario::pools.at(name).
struct ResolvedPool {
  std::string name;
  std::size_t group = 0;  ///< index of its nodes in ResolvedScenario::groups
  std::vector<ReplicaPlacement> replicas;
  std::size_t prefill_group = 0;  ///< the same of its prefill replicas, where it has any
  std::vector<ReplicaPlacement> prefill_replicas;
  std::filesystem::path prefill_anchor{};  ///< file of prefill.engine.anchor; empty without one
  std::filesystem::path trace;             ///< file of workload.trace; empty without one
  std::filesystem::path lengths;   ///< file of workload.synthetic.lengths; empty without one
  std::filesystem::path anchor{};  ///< file of engine.anchor; empty without one
};

/// One name of `jobs`; its settings are Scenario::jobs.at(name).
struct ResolvedJobs {
  std::string name;
  std::vector<std::size_t> groups;  ///< where they may run: indices of ResolvedScenario::groups
  std::filesystem::path trace;      ///< file of trace; empty without one
  std::filesystem::path profiles;   ///< file or folder of trace.profiles; empty without one
  std::filesystem::path law;        ///< file of synthetic.like; empty without one
};

struct ResolvedScenario {
  ConfigNode root;  ///< what was read, with places: position_of(root, "pools.chat.model")
  Scenario scenario;
  std::vector<ResolvedNodeGroup> groups;  ///< by name
  std::vector<ResolvedPool> pools;        ///< by name
  std::vector<ResolvedJobs> jobs;         ///< by name
  std::vector<CatalogEntry> catalog;      ///< the files used; content_hash names them in a result

  /// The scenario as YAML, defaults included and paths as written: it reads back as itself.
  std::string yaml() const;
};

/// `faults` receives all faults of the tree, its fields and what they name. With any, the result is good for finding
/// more of them and for nothing else.
ResolvedScenario resolve_scenario(ScenarioTree tree, const ScenarioContext& context,
                                  std::vector<Fault>& faults);

/// The same; throws the faults.
ResolvedScenario resolve_scenario(ScenarioTree tree, const ScenarioContext& context);

/// Throws one ConfigError with the faults in the order of the files, each once.
[[noreturn]] void throw_faults(std::vector<Fault> faults);

/// load_scenario_tree, set_field of each "path=value" in order, resolve_scenario.
ResolvedScenario load_scenario(const std::filesystem::path& file,
                               const std::vector<std::string>& assignments,
                               const ScenarioContext& context);

}  // namespace plimsoll
