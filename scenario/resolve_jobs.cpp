#include "scenario/resolve_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "hardware/catalog_paths.hpp"
#include "scenario/file_fields.hpp"

namespace plimsoll {
namespace {

std::vector<std::size_t> groups_of(const JobSourceConfig& config,
                                   const std::vector<ResolvedNodeGroup>& groups) {
  std::vector<std::size_t> chosen;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const bool named = std::find(config.nodes.begin(), config.nodes.end(), groups[group].name) !=
                       config.nodes.end();
    if (named || config.nodes.empty()) chosen.push_back(group);
  }
  return chosen;
}

void check_gpus_per_node(const std::string& path, const ResolvedNodeGroup& group,
                         const FieldFaults& faults) {
  if (group.node.gpus.value <= kMaxGpusPerNode) return;
  faults.add(path,
             fmt::format("may not run on cluster.nodes.{}: its nodes have {} GPUs, a scheduler "
                         "knows nodes of up to {}.",
                         group.name, group.node.gpus.value, kMaxGpusPerNode));
}

void check_mig(const Scenario& scenario, const ResolvedNodeGroup& group,
               const FieldFaults& faults) {
  if (!scenario.cluster.nodes.at(group.name).mig || group.node.name.empty() || group.gpu.mig)
    return;
  faults.add("cluster.nodes." + group.name + ".mig",
             fmt::format("= true, but {} cannot be partitioned.",
                         group.gpu.name.empty() ? "a node without GPUs" : group.gpu.name));
}

}  // namespace

std::vector<ResolvedJobs> resolve_jobs(const Scenario& scenario,
                                       const std::vector<ResolvedNodeGroup>& groups,
                                       const ScenarioContext& context, const FieldFaults& faults) {
  for (const ResolvedNodeGroup& group : groups) check_mig(scenario, group, faults);
  std::vector<ResolvedJobs> sources;
  for (const auto& [name, config] : scenario.jobs) {
    const std::string path = "jobs." + name;
    ResolvedJobs& source = sources.emplace_back();
    source.name = name;
    source.groups = groups_of(config, groups);
    for (const std::size_t group : source.groups) check_gpus_per_node(path, groups[group], faults);
    if (config.trace) {
      faults.check_name(path + ".trace.format", "format of job traces", config.trace->format,
                        context.job_trace_formats);
      source.trace = find_file(path + ".trace.path", faults);
      if (config.trace->profiles)
        source.profiles = find_file_or_folder(path + ".trace.profiles", faults);
    }
    if (config.synthetic) {
      source.law = find_shipped(path + ".synthetic.like", config.synthetic->like, "law of jobs",
                                shipped_job_laws(), faults);
    }
  }
  return sources;
}

}  // namespace plimsoll
