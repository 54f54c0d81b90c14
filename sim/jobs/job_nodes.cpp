#include "sim/jobs/job_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/random_stream.hpp"
#include "policies/mig_profiles.hpp"
#include "scenario/job_checks.hpp"

namespace plimsoll {
namespace {

/// GPUs that pools hold, by group and node: the first ones of each node.
std::vector<std::vector<std::int32_t>> held_by_pools(const ResolvedScenario& resolved) {
  std::vector<std::vector<std::int32_t>> held;
  for (const ResolvedNodeGroup& group : resolved.groups)
    held.emplace_back(static_cast<std::size_t>(group.count), 0);
  const auto hold = [&](std::size_t group, const std::vector<ReplicaPlacement>& replicas) {
    for (const ReplicaPlacement& replica : replicas) {
      held[group][static_cast<std::size_t>(replica.node)] +=
          static_cast<std::int32_t>(replica.gpus.size());
    }
  };
  for (const ResolvedPool& pool : resolved.pools) {
    hold(pool.group, pool.replicas);
    hold(pool.prefill_group, pool.prefill_replicas);
  }
  return held;
}

bool used_by_jobs(const ResolvedScenario& resolved, std::size_t group) {
  return std::any_of(resolved.jobs.begin(), resolved.jobs.end(), [&](const ResolvedJobs& source) {
    return std::find(source.groups.begin(), source.groups.end(), group) != source.groups.end();
  });
}

class NodeWriter {
 public:
  NodeWriter(const ResolvedScenario& resolved, HardwareCatalog& hardware)
      : resolved_(resolved), hardware_(hardware), held_(held_by_pools(resolved)) {
    nodes_.facts.levels = topology_levels();
    nodes_.kinds_of_group.resize(resolved.groups.size());
    nodes_.largest_nodes.resize(resolved.groups.size());
  }

  JobNodes write() {
    for (std::size_t group = 0; group < resolved_.groups.size(); ++group) {
      if (used_by_jobs(resolved_, group)) add(group);
    }
    const bool sound = std::all_of(nodes_.slowdowns.begin(), nodes_.slowdowns.end(),
                                   [](double slowdown) { return slowdown == 1; });
    if (sound) nodes_.slowdowns.clear();
    share_by_mig(nodes_.facts, mig_);
    return std::move(nodes_);
  }

 private:
  void add(std::size_t index) {
    const ResolvedNodeGroup& group = resolved_.groups[index];
    const Position at = position_of(resolved_.root, "cluster.nodes." + group.name);
    NodeTemplate type{group.node};
    if (group.node.topology) type.topology = hardware_.topology(group.node.name, at);
    nodes_.topology.add({group.name, std::move(type), group.fabric, group.count}, at);
    const std::int32_t kind = kind_of(group);
    if (kind >= 0) nodes_.kinds_of_group[index] = GpuKinds{1} << kind;
    const std::size_t width = std::to_string(group.count - 1).size();
    const RandomStream draws(resolved_.scenario.run.seed, "cluster/nodes/" + group.name,
                             "stragglers");
    const NodeGroupConfig& config = resolved_.scenario.cluster.nodes.at(group.name);
    const auto& stragglers = config.stragglers;
    for (std::int32_t i = 0; i < group.count; ++i) {
      JobNode& row = nodes_.rows.emplace_back();
      row.name = fmt::format("{}-{:0{}}", group.name, i, width);
      row.gpu = group.gpu.name;
      row.first_gpu = static_cast<std::uint32_t>(held_[index][static_cast<std::size_t>(i)]);
      row.gpus = static_cast<std::uint32_t>(group.node.gpus.value) - row.first_gpu;
      row.price_usd_per_gpu_hour = group.price_per_gpu.count();
      nodes_.facts.nodes.push_back(facts_of(group, row, kind));
      mig_.push_back(config.mig ? &*group.gpu.mig : nullptr);
      const bool slow =
          stragglers && draws.uniform(static_cast<std::uint64_t>(i)) < stragglers->share;
      nodes_.slowdowns.push_back(slow ? stragglers->slowdown : 1);
      nodes_.largest_nodes[index] =
          std::max(nodes_.largest_nodes[index], static_cast<std::int32_t>(row.gpus));
    }
  }

  std::int32_t kind_of(const ResolvedNodeGroup& group) {
    if (group.gpu.name.empty()) return -1;
    auto& kinds = nodes_.facts.gpu_kinds;
    const auto known = std::find(kinds.begin(), kinds.end(), group.gpu.name);
    if (known == kinds.end()) {
      kinds.push_back(group.gpu.name);
      nodes_.kinds.push_back(group.gpu);
      return static_cast<std::int32_t>(kinds.size()) - 1;
    }
    return static_cast<std::int32_t>(known - kinds.begin());
  }

  /// Of the node with this row, which is the last one yet.
  NodeFacts facts_of(const ResolvedNodeGroup& group, const JobNode& row, std::int32_t kind) const {
    NodeFacts facts;
    if (group.node.cpu_cores) facts.cpu_milli = std::int64_t{group.node.cpu_cores->value} * 1000;
    if (group.node.memory) facts.memory = group.node.memory->value;
    facts.gpus = static_cast<std::int32_t>(row.gpus);
    facts.gpu_kind = kind;
    const auto node = static_cast<std::int32_t>(nodes_.rows.size()) - 1;
    for (std::size_t level = 0; level < nodes_.facts.levels.size(); ++level) {
      const auto fabric = static_cast<FabricLevel>(level + 1);
      facts.domain[level] = static_cast<std::uint32_t>(nodes_.topology.domain(fabric, node));
    }
    return facts;
  }

  const ResolvedScenario& resolved_;
  HardwareCatalog& hardware_;
  std::vector<std::vector<std::int32_t>> held_;
  std::vector<const MigSpec*> mig_;  ///< by node: of its GPUs, where jobs may hold partitions
  JobNodes nodes_;
};

static_assert(static_cast<int>(FabricLevel::nvlink_domain) == 1, "levels of facts begin above it");

}  // namespace

std::vector<std::string> JobNodes::names() const {
  std::vector<std::string> names;
  for (const JobNode& row : rows) names.push_back(row.name);
  return names;
}

JobNodes job_nodes(const ResolvedScenario& resolved, HardwareCatalog& hardware) {
  return NodeWriter(resolved, hardware).write();
}

}  // namespace plimsoll
