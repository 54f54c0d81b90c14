#include "planner/tables/fgd_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "policies/fragmentation_meter.hpp"
#include "policies/node_share.hpp"

namespace plimsoll {

namespace {

std::string joined(const std::vector<std::string>& models) {
  std::string text;
  for (const std::string& model : models) text += (text.empty() ? "" : "|") + model;
  return text;
}

}  // namespace

ClusterView openb_cluster(const std::vector<OpenbNode>& nodes) {
  auto facts = std::make_shared<ClusterFacts>();
  for (const OpenbNode& node : nodes) {
    if (node.gpus > 0) facts->gpu_kinds.push_back(node.model);
  }
  std::ranges::sort(facts->gpu_kinds);
  facts->gpu_kinds.erase(std::unique(facts->gpu_kinds.begin(), facts->gpu_kinds.end()),
                         facts->gpu_kinds.end());
  std::vector<std::string> names;
  for (const OpenbNode& node : nodes) {
    NodeFacts& of_node = facts->nodes.emplace_back();
    of_node.cpu_milli = node.cpu_milli;
    of_node.memory = node.memory;
    of_node.gpus = node.gpus;
    if (node.gpus > 0) {
      const auto kind = std::ranges::lower_bound(facts->gpu_kinds, node.model);
      of_node.gpu_kind = static_cast<std::int32_t>(kind - facts->gpu_kinds.begin());
    }
    names.push_back(node.name);
  }
  return {std::move(names), std::move(facts)};
}

std::vector<OpenbNode> renamed_nodes(const std::vector<OpenbNode>& nodes,
                                     const std::vector<std::uint32_t>& prefixes) {
  std::vector<OpenbNode> renamed = nodes;
  for (std::size_t row = 0; row < renamed.size(); ++row) {
    renamed[row].name = fmt::format("{:04}-{}", prefixes[row], nodes[row].name);
  }
  std::ranges::sort(renamed, {}, &OpenbNode::name);
  return renamed;
}

TypicalWorkersConfig typical_of(const std::vector<OpenbPod>& pods) {
  using Class = std::tuple<std::int64_t, std::int32_t, std::int32_t, std::string>;
  std::map<Class, WorkerCountConfig> classes;
  for (const OpenbPod& pod : pods) {
    const Class key{pod.cpu_milli, pod.gpu_milli, pod.gpus, joined(pod.gpu_models)};
    const WorkerCountConfig unseen{pod.cpu_milli, pod.gpus, std::max(pod.gpu_milli, 1),
                                   pod.gpu_models, 0};
    ++classes.try_emplace(key, unseen).first->second.count;
  }
  TypicalWorkersConfig typical;
  for (auto entry = classes.rbegin(); entry != classes.rend(); ++entry) {
    typical.workers.push_back(entry->second);
  }
  return typical;
}

Fragmentation fragmentation_for(const TypicalWorkersConfig& typical, const ClusterView& view) {
  return Fragmentation(
      typical_workers(counts_of(typical, view.facts().gpu_kinds), typical.percent));
}

const std::vector<StudyPolicy>& study_policies() {
  static const std::vector<StudyPolicy> policies{{"01-Random", "random_fit", true},
                                                 {"02-DotProd", "dot_prod"},
                                                 {"03-GpuClustering", "gpu_clustering"},
                                                 {"04-GpuPacking", "gpu_packing"},
                                                 {"05-BestFit", "best_fit"},
                                                 {"06-FGD", "fgd"}};
  return policies;
}

std::unique_ptr<PlacementRule> make_rule(const PolicyRegistry& registry, const StudyPolicy& policy,
                                         const TypicalWorkersConfig& typical, std::uint64_t seed) {
  const SchedulingPolicyEntry* entry = registry.scheduling(policy.policy);
  const PolicyContext context{seed, "openb", &registry};
  const bool takes_typical = std::string_view(policy.policy) == "fgd";
  return takes_typical ? entry->make_rule(context, write_config(typical))
                       : entry->make_rule(context);
}

void present_pods(ClusterView& view, PlacementRule& rule, const Fragmentation& fragmentation,
                  const std::vector<ResourceRequest>& pods,
                  const std::function<void(const AfterPod&)>& seen) {
  FragmentationMeter meter(fragmentation);
  meter.follow(view);
  const std::int64_t all = meter.free_gpu_milli();
  std::int64_t arrived = 0;
  JobView job;
  job.gang.resize(1);
  for (const ResourceRequest& pod : pods) {
    job.gang.front().each = pod;
    const Placement placement = rule.place(view, job);
    for (const NodeShare& share : placement.shares) {
      view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
    }
    arrived += gpu_milli_sum(pod);
    meter.follow(view);
    const std::int64_t free = meter.free_gpu_milli();
    seen({placement, arrived, all - free, free, meter.gpu_milli()});
    ++job.id;
  }
}

}  // namespace plimsoll
