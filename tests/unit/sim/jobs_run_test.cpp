// Jobs of a scenario, from YAML to the tables of a run.
#include <bit>
#include <filesystem>

#include "hardware/catalog_paths.hpp"
#include "policies/registry.hpp"
#include "results/summary.hpp"
#include "sim/plan_run.hpp"
#include "tests/catch.hpp"
#include "tests/unit/scenario/written_scenario.hpp"
#include "traces/job_trace_formats.hpp"
#include "traces/trace_formats.hpp"
#include "workloads/job_fixed_time.hpp"

using namespace plimsoll;
using tests::Folder;

namespace {

constexpr const char* kHead = R"(apiVersion: plimsoll.dev/v1alpha1
cluster:
  nodes:
    train: {type: hgx_h100_8, count: 4}
policies:
  scheduling: {name: fifo}
  scheduling_cycle: {period: 0s, latency: 0s}
)";

constexpr const char* kJobs = R"(jobs:
  team:
    restart_cost: 1m
    list:
      - {name: wide, gang: [{workers: 3, gpus: 8}], duration: 1h}
      - {name: late, submit: 10m, gang: [{gpus: 8}], duration: 30m}
      - {name: next, submit: 20m, gang: [{workers: 2, gpus: 8}], duration: 2h}
      - {name: half, submit: 20m, gang: [{gpus: 1, gpu_share: 0.5}], duration: 2h}
      - {name: never, submit: 30m, gang: [{workers: 5, gpus: 8}], duration: 1h}
)";

constexpr const char* kPool = R"(pools:
  chat:
    model: llama-3.1-8b
    nodes: train
    replicas: 3
    tensor_parallel: 4
    workload:
      synthetic: {rate: 2/s, lengths: azure_2023_conversation, requests: 2000}
)";

RunPlan planned(const std::string& text) {
  const Folder folder("jobs_run");
  const PolicyRegistry registry = builtin_policies();
  const ScenarioContext context{{},
                                registry.routing_names(),
                                builtin_trace_formats().names(),
                                registry.scheduling_names(),
                                builtin_job_trace_formats().names()};
  const ResolvedScenario resolved = load_scenario(folder.write("s.yaml", text), {}, context);
  return plan_run(resolved, registry, {catalog_roots({}, folder.path())});
}

template <class Executor>
RunFacts run(RunPlan plan, Executor executor) {
  Simulation simulation(std::move(plan));
  while (simulation.advance(executor)) {
  }
  return simulation.take_facts();
}

RunFacts run(const std::string& text) {
  RunFacts facts = run(planned(text), SerialExecutor{});
  for (const std::string& broken : check_conservation(facts)) FAIL_CHECK(broken);
  REQUIRE(facts.jobs);
  return facts;
}

std::string fault_of(const std::string& text) {
  try {
    planned(text);
  } catch (const ConfigError& error) {
    std::string what = error.what();
    return what.substr(what.find("s.yaml"));
  }
  return "no fault";
}

std::int64_t minutes(std::int64_t count) { return count * 60'000'000'000; }

const JobFact& job_called(const JobTables& jobs, const std::string& name) {
  const auto found = std::find(jobs.names.begin(), jobs.names.end(), name);
  REQUIRE(found != jobs.names.end());
  return jobs.jobs[static_cast<std::size_t>(found - jobs.names.begin())];
}

/// A workload with evictions, conflicts and jobs of many sizes.
std::string busy_jobs() {
  std::string text = "jobs:\n  many:\n    checkpoint_interval: 5m\n    list:\n";
  for (int i = 0; i < 60; ++i) {
    const int gpus = 1 << (i * 7 % 4);
    text += fmt::format(
        "      - {{name: j{}, submit: {}m, gang: [{{workers: {}, gpus: {}}}], "
        "duration: {}m}}\n",
        i, i * 3, 1 + i % 3, gpus, 7 + i * 37 % 90);
  }
  return text;
}

}  // namespace

TEST_CASE("the jobs of a list run in their order, on what is free", "[sim][jobs]") {
  const RunFacts facts = run(std::string(kHead) + kJobs);
  const JobTables& jobs = *facts.jobs;
  CHECK(jobs.scheduling == "fifo");
  CHECK(jobs.estimates == "none");
  CHECK(job_called(jobs, "wide").start_ns == 0);
  CHECK(job_called(jobs, "wide").end_ns == minutes(61));
  CHECK(job_called(jobs, "late").start_ns == minutes(10));
  CHECK(job_called(jobs, "late").end_ns == minutes(41));
  CHECK(job_called(jobs, "next").start_ns == minutes(61));
  CHECK(job_called(jobs, "next").queued_ns == minutes(41));
  CHECK(job_called(jobs, "half").start_ns == minutes(61));  // it came after next
  CHECK(job_called(jobs, "never").status == JobStatus::rejected);
  REQUIRE(jobs.reasons.size() == 1);
  CHECK(jobs.reason_names[jobs.reasons[0].reason] == "never_fits");
  CHECK(jobs.reasons[0].text.find("5 workers of 8 GPUs each") != std::string::npos);
  CHECK(facts.end_ns == minutes(61 + 121));
  CHECK(summarize(facts).jobs->at("jobs_finished").value == 4);
}

TEST_CASE("a run that stops counts what is under way, and says why jobs wait", "[sim][jobs]") {
  const RunFacts facts = run(std::string(kHead) + kJobs + "run: {horizon: 40m, drain: false}\n");
  const JobTables& jobs = *facts.jobs;
  CHECK(facts.end_ns == minutes(40));
  CHECK(job_called(jobs, "wide").status == JobStatus::running);
  CHECK(job_called(jobs, "wide").executed_ns == minutes(40));
  CHECK(job_called(jobs, "wide").gpu_us == 24 * minutes(40) / 1000);
  CHECK(job_called(jobs, "wide").setup_gpu_us == 24 * minutes(1) / 1000);
  CHECK(job_called(jobs, "next").status == JobStatus::pending);
  CHECK(job_called(jobs, "next").queued_ns == minutes(20));
  REQUIRE(jobs.reasons.size() == 3);
  CHECK(jobs.reason_names[jobs.reasons[0].reason] == "no_free_gpus");
  CHECK(jobs.reasons[0].nodes_gpus == 4);
  CHECK(jobs.reasons[0].missing_gpu_milli == 8000);
  CHECK(jobs.reason_names[jobs.reasons[1].reason] == "head_of_line");
  CHECK(jobs.reasons[1].blocking == 2);
  CHECK(jobs.reasons[1].text.find("job next is before it") != std::string::npos);
}

TEST_CASE("jobs that are submitted after the horizon are none of the run", "[sim][jobs]") {
  const RunFacts facts = run(std::string(kHead) + kJobs + "run: {horizon: 15m}\n");
  CHECK(facts.jobs->jobs.size() == 2);
  CHECK(facts.jobs->jobs[0].status == JobStatus::finished);
}

TEST_CASE("a pool keeps its GPUs and jobs have the others", "[sim][jobs]") {
  const std::string routed =
      tests::replaced(kHead, "policies:\n", "policies:\n  routing: random\n");
  const RunFacts facts = run(routed + kPool + kJobs);
  const JobTables& jobs = *facts.jobs;
  REQUIRE(jobs.nodes.size() == 4);
  CHECK(jobs.nodes[0].gpus == 0);
  CHECK(jobs.nodes[1].gpus == 4);
  CHECK(jobs.nodes[1].first_gpu == 4);
  CHECK(jobs.nodes[2].gpus == 8);
  CHECK(job_called(jobs, "wide").status == JobStatus::rejected);
  CHECK(job_called(jobs, "next").start_ns >= minutes(20));
  REQUIRE(facts.pools.size() == 1);
  CHECK(facts.pools[0].requests.size() == 2000);
}

TEST_CASE("facts with jobs and pools are the same on any number of threads",
          "[sim][jobs][determinism]") {
  const std::string head = tests::replaced(
      tests::replaced(kHead, "policies:\n", "policies:\n  routing: least_request\n"),
      "{period: 0s, latency: 0s}", "{period: 10s, latency: 3s}");
  for (const char* policy : {"fifo", "{name: srtf}", "tiresias", "{name: las}"}) {
    INFO(policy);
    const std::string text = tests::replaced(head, "{name: fifo}", policy) + kPool + busy_jobs();
    const RunFacts once = run(text);
    CHECK(once.jobs->jobs.size() == 60);
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      const RunFacts again = run(planned(text), ThreadExecutor(threads));
      CHECK(again.digest == once.digest);
      CHECK(again == once);
    }
  }
}

TEST_CASE("a training job waits for the slowest of its nodes", "[sim][jobs]") {
  const std::string training =
      "jobs:\n  t:\n    list:\n      - {name: llm, gang: [{workers: 4, gpus: 8}], training: "
      "{model: "
      "llama-3.1-8b, steps: 100, tensor: 2, batch: 128, sequence: 4096}}\n";
  const RunFacts sound = run(std::string(kHead) + training);
  const RunFacts slow =
      run(tests::replaced(kHead, "count: 4", "count: 4, stragglers: {share: 1, slowdown: 1.5}") +
          training);
  const JobFact& quick = sound.jobs->jobs[0];
  const JobFact& late = slow.jobs->jobs[0];
  CHECK(quick.closest_ns == quick.executed_ns);
  CHECK(late.executed_ns > quick.executed_ns * 14 / 10);
  CHECK(late.closest_ns == Approx(static_cast<double>(quick.executed_ns)).epsilon(1e-6));
}

TEST_CASE("rounds evict jobs of one source and none of another that must stay", "[sim][jobs]") {
  const auto source = [](const char* name, const char* preemptible, int count) {
    std::string text = fmt::format("  {}:\n    preemptible: {}\n    list:\n", name, preemptible);
    for (int i = 0; i < count; ++i) {
      text += fmt::format(
          "      - {{name: {}{}, gang: [{{workers: 2, gpus: 8}}], training: {{model: "
          "llama-3.1-8b, steps: 500, tensor: 2, batch: 128, sequence: 4096}}}}\n",
          name, i);
    }
    return text;
  };
  const std::string jobs = "jobs:\n" + source("keep", "false", 1) + source("move", "true", 4);
  for (const char* policy : {"gavel_max_min", "gavel_makespan"}) {
    INFO(policy);
    const RunFacts facts =
        run(tests::replaced(tests::replaced(kHead, "fifo", policy), "count: 4", "count: 6") + jobs);
    CHECK(job_called(*facts.jobs, "keep0").preemptions == 0);
    CHECK(job_called(*facts.jobs, "keep0").status == JobStatus::finished);
    if (std::string(policy) != "gavel_max_min") continue;
    std::uint32_t evictions = 0;
    for (const JobFact& job : facts.jobs->jobs) evictions += job.preemptions;
    CHECK(evictions > 0);
  }
}

TEST_CASE("jobs hold MIG partitions side by side, as many as a GPU has slices for", "[sim][jobs]") {
  const std::string head = tests::replaced(kHead, "count: 4", "count: 1, mig: true");
  std::string jobs = "jobs:\n  notebooks:\n    list:\n";
  for (int i = 0; i < 60; ++i) {
    jobs +=
        fmt::format("      - {{name: n{}, gang: [{{mig_profile: 1g.10gb}}], duration: 1h}}\n", i);
  }
  jobs += "      - {name: half, submit: 30m, gang: [{mig_profile: 3g.40gb}], duration: 1h}\n";
  const RunFacts facts = run(head + jobs);
  const JobTables& tables = *facts.jobs;
  CHECK(job_called(tables, "n55").start_ns == 0);  // 8 GPUs of 7 slices
  CHECK(job_called(tables, "n56").start_ns == minutes(60));
  CHECK(job_called(tables, "half").start_ns == minutes(60));
  for (const JobShareFact& share : tables.shares) {
    const bool small =
        tables.mig_profiles[static_cast<std::size_t>(share.mig_profile)] == "1g.10gb";
    CHECK(share.gpu_milli == (small ? 142 : 428));
    CHECK(std::popcount(share.mig_slices) == (small ? 1 : 4));
  }
}

TEST_CASE("what is wrong with jobs is said with its place", "[sim][jobs]") {
  const auto of_jobs = [](const std::string& jobs) { return fault_of(std::string(kHead) + jobs); };
  CHECK(of_jobs("jobs: {a: {}}\n") ==
        "s.yaml:8:11: jobs.a has none of trace, synthetic and list; give exactly one.");
  CHECK(
      of_jobs(
          "jobs: {a: {list: [{name: x, gang: [{gpus: 2, gpu_share: 0.5}], duration: 1h}]}}\n") ==
      "s.yaml:8:57: jobs.a.list[0].gang[0].gpu_share = 0.5 is of one GPU, but each worker has 2.");
  CHECK(of_jobs("jobs: {a: {list: [{name: x, gang: [{gpus: 2}]}]}}\n") ==
        "s.yaml:8:19: jobs.a.list[0] has neither duration nor training; give exactly one.");
  CHECK(of_jobs("jobs: {a: {list: [{name: x, gang: [{gpu_kinds: [nvidia_h200_sxm]}], duration: "
                "1h}]}}\n")
            .find("has a \"nvidia_h200_sxm\"; there are: nvidia_h100_sxm.") != std::string::npos);
  const std::string partitioned =
      "jobs: {a: {list: [{name: x, gang: [{mig_profile: 1g.11gb}], "
      "duration: 1h}]}}\n";
  CHECK(of_jobs(partitioned)
            .find("gang[0].mig_profile: unknown MIG profile \"1g.11gb\". None is known.") !=
        std::string::npos);
  CHECK(fault_of(tests::replaced(kHead, "count: 4", "count: 4, mig: true") + partitioned)
            .find("Did you mean \"1g.10gb\"?") != std::string::npos);
  CHECK(fault_of(tests::replaced(kHead, "hgx_h100_8, count: 4", "l40s_8, count: 4, mig: true") +
                 kJobs)
            .find("cluster.nodes.train.mig = true, but nvidia_l40s cannot be partitioned.") !=
        std::string::npos);
  CHECK(of_jobs("jobs: {a: {list: [{name: x, gang: [{}], duration: -1h}]}}\n")
            .find("jobs.a.list[0].duration = -1h") != std::string::npos);
  CHECK(of_jobs("jobs: {a: {list: [{name: x, gang: [{}], duration: 1h}], topology: {required: "
                "aisle}}}\n")
            .find("unknown level of topology \"aisle\"") != std::string::npos);
  CHECK(of_jobs("jobs: {a: {trace: {format: phily, path: s.yaml}}}\n")
            .find("unknown format of job traces \"phily\". Did you mean \"philly\"?") !=
        std::string::npos);
  CHECK(fault_of(tests::replaced(kHead, "  scheduling: {name: fifo}\n", "") + kJobs)
            .find("policies has no scheduling") != std::string::npos);
}
