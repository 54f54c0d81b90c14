#include "planner/tables/plain_cluster.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "core/assert.hpp"
#include "core/config/yaml.hpp"
#include "policies/registry.hpp"

namespace plimsoll {

JobRunFacts run_jobs(const PlainCluster& cluster, const JobClusterSettings& settings,
                     std::vector<JobSpec> jobs, const NamedPolicy& policy) {
  ClusterFacts facts;
  facts.gpu_kinds = {"gpu"};
  std::vector<std::string> names;
  for (std::int32_t node = 0; node < cluster.nodes; ++node) {
    NodeFacts& row = facts.nodes.emplace_back();
    row.gpus = cluster.gpus_per_node;
    row.gpu_kind = 0;
    names.push_back(fmt::format("node-{:04}", node));
  }
  const PolicyRegistry registry = builtin_policies();
  const SchedulingPolicyEntry* entry = registry.scheduling(policy.name);
  PLIMSOLL_ASSERT(entry != nullptr, "no scheduling policy {}", policy.name);
  PolicyContext context;
  context.instance = "cluster/scheduler";
  context.registry = &registry;
  JobCluster run(settings, std::move(names), std::make_shared<const ClusterFacts>(std::move(facts)),
                 std::move(jobs), entry->make(context, parse_yaml(policy.settings, policy.name)));
  run.run();
  return run.take_facts();
}

}  // namespace plimsoll
