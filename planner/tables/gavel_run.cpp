#include "planner/tables/gavel_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "core/config/yaml.hpp"
#include "policies/registry.hpp"
#include "sim/jobs/job_cluster.hpp"

namespace plimsoll {

namespace {

constexpr Duration kRound = std::chrono::seconds{360};

JobCluster cluster_of(const GavelRun& run, std::vector<JobSpec> jobs) {
  auto facts = std::make_shared<ClusterFacts>();
  std::vector<std::string> names;
  facts->gpu_kinds = run.kinds;
  for (std::size_t kind = 0; kind < run.kinds.size(); ++kind) {
    for (std::int32_t i = 0; i < run.gpus_of_kind; ++i) {
      NodeFacts& node = facts->nodes.emplace_back();
      node.gpus = 1;
      node.gpu_kind = static_cast<std::int32_t>(kind);
      names.push_back(fmt::format("{}-{:02}", run.kinds[kind], i));
    }
  }
  const PolicyRegistry registry = builtin_policies();
  const PolicyContext context{0, "gavel", &registry};
  JobClusterSettings settings;
  settings.cycle_period = kRound;
  return {settings, std::move(names), std::move(facts), std::move(jobs),
          registry.scheduling(run.policy)->make(context, parse_yaml(run.settings, run.policy))};
}

}  // namespace

double mean_jct_hours(const GavelRun& run, std::vector<JobSpec> jobs, std::size_t first,
                      std::size_t last) {
  const SimTime last_counted = jobs[last - 1].submitted_at;
  JobCluster cluster = cluster_of(run, std::move(jobs));
  const auto has_ended = [&](std::size_t job) {
    return cluster.facts().jobs[job].state == JobState::finished;
  };
  std::size_t ended = first;
  for (SimTime until = last_counted; ended < last; until += std::chrono::hours{10}) {
    cluster.advance(until);
    while (ended < last && has_ended(ended)) ++ended;
    if (cluster.next() == kNever) break;
  }
  double sum_s = 0;
  for (std::size_t job = first; job < ended; ++job) {
    const JobFacts& facts = cluster.facts().jobs[job];
    sum_s += to_seconds(facts.ended_at - facts.submitted_at);
  }
  return sum_s / 3600 / static_cast<double>(ended - first);
}

double makespan_hours(const GavelRun& run, std::vector<JobSpec> jobs) {
  JobCluster cluster = cluster_of(run, std::move(jobs));
  cluster.run();
  SimTime end{};
  for (const JobFacts& job : cluster.facts().jobs)
    if (job.state == JobState::finished) end = std::max(end, job.ended_at);
  return to_seconds(end - SimTime{}) / 3600;
}

}  // namespace plimsoll
