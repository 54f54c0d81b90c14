// Small job clusters for tests: equal nodes, jobs of fixed running times, a policy by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/config/yaml.hpp"
#include "core/random_stream.hpp"
#include "policies/registry.hpp"
#include "sim/jobs/job_cluster.hpp"
#include "workloads/job_fixed_time.hpp"
#include "workloads/job_gang.hpp"

namespace plimsoll::oracle {

inline constexpr Duration kSecond{1'000'000'000};
inline SimTime at_s(std::int64_t second) { return SimTime{second * kSecond}; }

struct PlainJob {
  std::int64_t submitted_s = 0;
  std::int32_t gpus = 1;
  std::int64_t duration_s = 1;
};

inline std::shared_ptr<const ClusterFacts> plain_facts(std::int32_t nodes,
                                                       std::int32_t gpus_per_node,
                                                       std::int32_t nodes_per_rack = 0) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  if (nodes_per_rack > 0) facts->levels = {"rack"};
  for (std::int32_t node = 0; node < nodes; ++node) {
    NodeFacts& row = facts->nodes.emplace_back();
    row.gpus = gpus_per_node;
    row.gpu_kind = 0;
    if (nodes_per_rack > 0) row.domain[0] = static_cast<std::uint32_t>(node / nodes_per_rack);
  }
  return facts;
}

inline std::vector<std::string> plain_names(std::int32_t nodes) {
  std::vector<std::string> names;
  for (std::int32_t node = 0; node < nodes; ++node) names.push_back(std::to_string(10000 + node));
  return names;
}

inline JobSpec plain_spec(const PlainJob& job, std::int32_t gpus_per_node) {
  JobSpec spec;
  spec.name = "job";
  spec.submitted_at = at_s(job.submitted_s);
  spec.gang = consolidated_gang(job.gpus, gpus_per_node);
  spec.model = std::make_shared<FixedTimeJob>(job.duration_s * kSecond);
  spec.user_estimate = job.duration_s * kSecond;
  spec.predicted = spec.user_estimate;
  return spec;
}

inline std::vector<JobSpec> plain_specs(const std::vector<PlainJob>& jobs,
                                        std::int32_t gpus_per_node) {
  std::vector<JobSpec> specs;
  for (const PlainJob& job : jobs) specs.push_back(plain_spec(job, gpus_per_node));
  return specs;
}

inline const PolicyRegistry& all_policies() {
  static const PolicyRegistry registry = builtin_policies();
  return registry;
}

inline std::unique_ptr<SchedulingPolicy> scheduler(const std::string& name,
                                                   const std::string& settings = "{}") {
  PolicyContext context;
  context.instance = "cluster/scheduler";
  context.registry = &all_policies();
  return all_policies().scheduling(name)->make(context, parse_yaml(settings, name));
}

inline JobCluster plain_cluster(std::int32_t nodes, std::int32_t gpus_per_node,
                                std::vector<JobSpec> jobs, std::unique_ptr<SchedulingPolicy> policy,
                                JobClusterSettings settings = {}) {
  return JobCluster(settings, plain_names(nodes), plain_facts(nodes, gpus_per_node),
                    std::move(jobs), std::move(policy));
}

/// `jobs` draws: sizes of powers of two up to `most_gpus`, whole seconds, about as much work as `gpus` can do.
inline std::vector<PlainJob> random_jobs(std::uint64_t seed, std::int32_t jobs,
                                         std::int32_t most_gpus, std::int32_t gpus) {
  const RandomStream random(seed, "tests/jobs", "draws");
  std::uint64_t draws = 0;
  const auto uniform = [&] { return random.uniform(draws++); };
  std::vector<PlainJob> drawn;
  double at = 0;
  for (std::int32_t job = 0; job < jobs; ++job) {
    PlainJob& one = drawn.emplace_back();
    while (one.gpus * 2 <= most_gpus && uniform() < 0.45) one.gpus *= 2;
    one.duration_s = 1 + static_cast<std::int64_t>(uniform() * uniform() * 400);
    one.submitted_s = static_cast<std::int64_t>(at);
    at += uniform() * 400.0 / gpus;
  }
  return drawn;
}

/// Whether any GPU is held by two runs at once, as the facts tell.
inline bool held_twice(const JobRunFacts& facts) {
  std::map<std::pair<std::uint32_t, int>, std::map<SimTime, SimTime>> held;
  for (const JobRun& run : facts.runs) {
    for (const NodeShare& share : facts.placement(run)) {
      for (int gpu = 0; gpu < 16; ++gpu) {
        if (((share.devices >> gpu) & 1) == 0 || run.from == run.until) continue;
        auto& times = held[{share.node, gpu}];
        const auto next = times.lower_bound(run.from);
        if (next != times.end() && next->first < run.until) return true;
        if (next != times.begin() && std::prev(next)->second > run.from) return true;
        times[run.from] = run.until;
      }
    }
  }
  return false;
}

inline double mean_jct_s(const JobRunFacts& facts) {
  double sum = 0;
  for (const JobFacts& job : facts.jobs) sum += to_seconds(job.ended_at - job.submitted_at);
  return sum / static_cast<double>(facts.jobs.size());
}

}  // namespace plimsoll::oracle
