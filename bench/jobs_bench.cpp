// Job scheduling at size: a large backlog on a large cluster, and a trace with preemption.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/yaml.hpp"
#include "core/random_stream.hpp"
#include "policies/registry.hpp"
#include "sim/jobs/job_cluster.hpp"
#include "traces/job_traces.hpp"
#include "workloads/job_fixed_time.hpp"
#include "workloads/job_gang.hpp"

namespace {

using namespace plimsoll;

constexpr Duration kSecond{1'000'000'000};

std::shared_ptr<const ClusterFacts> equal_nodes(std::int32_t nodes, std::int32_t gpus) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  facts->nodes.resize(static_cast<std::size_t>(nodes));
  for (NodeFacts& node : facts->nodes) {
    node.gpus = gpus;
    node.gpu_kind = 0;
  }
  return facts;
}

std::vector<std::string> names(std::int32_t nodes) {
  std::vector<std::string> all;
  for (std::int32_t node = 0; node < nodes; ++node) all.push_back(std::to_string(100000 + node));
  return all;
}

std::unique_ptr<SchedulingPolicy> scheduler(const std::string& name, const std::string& settings) {
  static const PolicyRegistry registry = builtin_policies();
  PolicyContext context;
  context.registry = &registry;
  return registry.scheduling(name)->make(context, parse_yaml(settings, name));
}

/// 100,000 gangs of 1 to 1,024 GPUs pending at once on 12,500 nodes of 8 GPUs. Each iteration is one instant: a job
/// ends, and a cycle decides what starts in its place. Reports the median and the 99th percentile of a cycle.
void a_large_backlog(benchmark::State& state, const std::string& policy,
                     const std::string& settings) {
  constexpr std::int32_t kNodes = 12500;
  constexpr std::int32_t kJobs = 100000;
  const RandomStream random(1, "bench/jobs", "gangs");
  std::vector<JobSpec> specs(kJobs);
  for (std::uint32_t job = 0; job < kJobs; ++job) {
    std::int32_t gpus = 1;
    for (std::uint64_t step = 0; gpus < 1024 && random.uniform(job, step) < 0.6; ++step) gpus *= 2;
    specs[job].name = "gang";
    specs[job].gang = consolidated_gang(gpus, 8);
    const auto seconds = 60 + static_cast<std::int64_t>(36000 * random.uniform(job, 100));
    specs[job].model = std::make_shared<FixedTimeJob>(seconds * kSecond);
    specs[job].user_estimate = seconds * kSecond;
  }
  JobCluster cluster({}, names(kNodes), equal_nodes(kNodes, 8), std::move(specs),
                     scheduler(policy, settings));
  cluster.advance(SimTime{});  // fills the cluster
  std::vector<double> cycles_us;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    cluster.advance(cluster.next());
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    cycles_us.push_back(took.count());
  }
  std::sort(cycles_us.begin(), cycles_us.end());
  state.counters["median_us"] = cycles_us[cycles_us.size() / 2];
  state.counters["p99_us"] = cycles_us[cycles_us.size() * 99 / 100];
  state.counters["pending"] = static_cast<double>(cluster.counts().pending);
}
BENCHMARK_CAPTURE(a_large_backlog, fifo, "fifo", "{}")->Iterations(10000);
BENCHMARK_CAPTURE(a_large_backlog, sjf, "sjf", "{}")->Iterations(10000);
BENCHMARK_CAPTURE(a_large_backlog, easy_backfill, "easy_backfill", "{depth: 100}")->Iterations(300);
BENCHMARK_CAPTURE(a_large_backlog, srtf, "srtf", "{}")->Iterations(10000);

/// The Philly trace under SRTF, each virtual cluster on its own nodes, as the Helios study runs it. Counters: jobs.
void philly_srtf(benchmark::State& state) {
  const char* data = std::getenv("PLIMSOLL_DATA");
  const std::filesystem::path file =
      std::filesystem::path(data == nullptr ? "" : data) / "philly" / "philly_jobs_pollux.csv.zst";
  if (data == nullptr || !std::filesystem::exists(file)) {
    state.SkipWithError("skipped: $PLIMSOLL_DATA does not hold the Philly trace");
    return;
  }
  const std::map<std::string, std::int32_t> nodes{{"6214e9", 64}, {"7f04ca", 32}, {"11cb48", 16},
                                                  {"b436b2", 64}, {"ee9e8c", 64}, {"e13805", 16},
                                                  {"6c71a0", 32}, {"2869ce", 16}, {"ed69ec", 8},
                                                  {"103959", 8},  {"0e4a51", 32}};
  std::map<std::string, std::vector<RecordedJob>> queues;
  for (const RecordedJob& job : read_philly_jobs(file.string())) {
    if (nodes.contains(job.queue)) queues[job.queue].push_back(job);
  }
  std::uint64_t jobs = 0;
  std::int64_t preemptions = 0;
  for (auto _ : state) {
    for (const auto& [queue, recorded] : queues) {
      const std::int32_t size = nodes.at(queue);
      JobCluster cluster({kSecond, {}, {}}, names(size), equal_nodes(size, 8),
                         job_specs(recorded, 8), scheduler("srtf", "{estimate: oracle}"));
      cluster.run();
      jobs += cluster.counts().finished;
      for (const JobFacts& job : cluster.facts().jobs) preemptions += job.preemptions;
    }
  }
  state.counters["jobs"] =
      benchmark::Counter(static_cast<double>(jobs), benchmark::Counter::kAvgIterations);
  state.counters["jobs_per_s"] =
      benchmark::Counter(static_cast<double>(jobs), benchmark::Counter::kIsRate);
  state.counters["preemptions"] =
      benchmark::Counter(static_cast<double>(preemptions), benchmark::Counter::kAvgIterations);
}
BENCHMARK(philly_srtf)->Unit(benchmark::kMillisecond);

}  // namespace
