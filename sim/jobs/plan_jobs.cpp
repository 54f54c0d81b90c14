#include "sim/jobs/plan_jobs.hpp"

#include <map>
#include <memory>
#include <utility>

#include "core/collect_faults.hpp"
#include "policies/typical_workers.hpp"
#include "sim/jobs/job_sources.hpp"

namespace plimsoll {
namespace {

/// As FGD takes them.
constexpr double kTypicalPercent = 95;

std::unique_ptr<SchedulingPolicy> make_scheduler(const ResolvedScenario& resolved,
                                                 const PolicyRegistry& registry) {
  const std::optional<PolicyConfig>& chosen = resolved.scenario.policies.scheduling;
  const SchedulingPolicyEntry* entry = chosen ? registry.scheduling(chosen->name) : nullptr;
  if (entry == nullptr) return nullptr;  // reported
  PolicyContext context;
  context.seed = resolved.scenario.run.seed;
  context.instance = "cluster/scheduler";
  context.registry = &registry;
  return entry->make(context, chosen->settings);
}

/// Of the workers that the jobs ask for.
Fragmentation fragmentation_of(const std::vector<JobSpec>& jobs) {
  std::vector<JobView> seen(jobs.size());
  for (std::size_t job = 0; job < jobs.size(); ++job) seen[job].gang = jobs[job].gang;
  return Fragmentation(typical_workers(count_workers(seen), kTypicalPercent));
}

std::vector<PricedFragmentation> priced(const Fragmentation& fragmentation,
                                        const std::vector<JobNode>& nodes) {
  std::map<double, std::vector<bool>> by_price;
  for (std::size_t row = 0; row < nodes.size(); ++row) {
    std::vector<bool>& rows =
        by_price.try_emplace(nodes[row].price_usd_per_gpu_hour, nodes.size()).first->second;
    rows[row] = nodes[row].gpus > 0;
  }
  std::vector<PricedFragmentation> all;
  for (auto& [price, rows] : by_price)
    all.push_back({FragmentationMeter(fragmentation, std::move(rows)), price});
  return all;
}

}  // namespace

std::optional<JobRunPlan> plan_jobs(const ResolvedScenario& resolved,
                                    const PolicyRegistry& registry, HardwareCatalog& hardware,
                                    WorkloadCatalog& workloads, std::vector<Fault>& faults) {
  std::unique_ptr<SchedulingPolicy> policy;
  collect_faults(faults, [&] { policy = make_scheduler(resolved, registry); });
  if (!faults.empty()) return std::nullopt;  // what names mean is not known
  JobNodes nodes;
  JobConstants constants;
  std::vector<JobSpec> jobs;
  collect_faults(faults, [&] {
    nodes = job_nodes(resolved, hardware);
    const JobSourceContext context{resolved, nodes,
                                   std::make_shared<const TrainingPlaces>(
                                       nodes.topology, nodes.kinds, nodes.facts.levels, workloads),
                                   workloads};
    for (const ResolvedJobs& source : resolved.jobs) {
      collect_faults(faults, [&] {
        std::vector<JobSpec> own = jobs_of(source, context);
        constants.source_of.insert(constants.source_of.end(), own.size(),
                                   static_cast<std::uint32_t>(constants.sources.size()));
        jobs.insert(jobs.end(), std::make_move_iterator(own.begin()),
                    std::make_move_iterator(own.end()));
      });
      constants.sources.push_back(source.name);
    }
  });
  if (!faults.empty()) return std::nullopt;
  constants.scheduling = resolved.scenario.policies.scheduling->name;
  constants.nodes = nodes.rows;
  const SchedulingCycleConfig& cycle = resolved.scenario.policies.scheduling_cycle;
  const JobClusterSettings settings{cycle.period, cycle.latency, {}, std::move(nodes.slowdowns)};
  const Fragmentation fragmentation = fragmentation_of(jobs);
  std::optional<JobRunPlan> plan;
  collect_faults(faults, [&] {
    plan.emplace(JobRunPlan{JobCluster(settings, nodes.names(),
                                       std::make_shared<const ClusterFacts>(std::move(nodes.facts)),
                                       std::move(jobs), std::move(policy)),
                            std::move(constants)});
    plan->cluster.measure(priced(fragmentation, nodes.rows));
  });
  return plan;
}

}  // namespace plimsoll
