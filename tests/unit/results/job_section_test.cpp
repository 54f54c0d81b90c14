// The summary of jobs that are few enough to work out by hand.
#include "results/job_section.hpp"

#include <cmath>

#include "results/job_laws.hpp"
#include "tests/catch.hpp"
#include "tests/unit/results/plausible_jobs.hpp"

using namespace plimsoll;

namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;

double value(const SummarySection& section, const char* key) {
  INFO(key);
  REQUIRE(section.at(key).value);
  return *section.at(key).value;
}

/// Two nodes of two GPUs over ten hours: `a` runs at once on both GPUs of n0 for two hours, an hour of it setup; `b`
/// waits an hour, is evicted after two, waits one and runs for two more, then finishes; `c` still waits; `d` asks for
/// too much.
RunFacts small_run() {
  JobTables jobs;
  jobs.scheduling = "fifo";
  jobs.reason_names = {"none", "never_fits", "no_free_gpus"};
  jobs.sources = jobs.queues = jobs.users = {"x"};
  jobs.nodes = {{"n0", "h100", 2, 0, 3}, {"n1", "l40s", 2, 0, 1}};
  jobs.names = {"a", "b", "c", "d"};
  jobs.jobs.resize(4);
  const auto set = [&](int row, JobStatus status, int submit, int queued, int executed, int gpus) {
    JobFact& job = jobs.jobs[static_cast<std::size_t>(row)];
    job.status = status;
    job.submit_ns = submit * kHour;
    job.queued_ns = queued * kHour;
    job.executed_ns = executed * kHour;
    job.gpus = gpus;
    job.gpu_us = executed * gpus * kHour / 1000;
  };
  set(0, JobStatus::finished, 1, 0, 2, 2);
  set(1, JobStatus::finished, 1, 2, 4, 1);
  set(2, JobStatus::pending, 4, 6, 0, 4);
  set(3, JobStatus::rejected, 5, 0, 0, 8);
  JobFact& a = jobs.jobs[0];
  a.start_ns = 1 * kHour;
  a.end_ns = 3 * kHour;
  a.setup_gpu_us = 2 * kHour / 1000;
  a.closest_ns = kHour / 2;
  a.starts = 1;
  JobFact& b = jobs.jobs[1];
  b.start_ns = 2 * kHour;
  b.end_ns = 7 * kHour;
  b.lost_gpu_us = 1 * kHour / 1000;
  b.closest_ns = 4 * kHour;
  b.starts = 2;
  b.preemptions = 1;
  jobs.runs = {{0, kHour, 3 * kHour, 0, 1},
               {1, 2 * kHour, 4 * kHour, 1, 1},
               {1, 5 * kHour, 7 * kHour, 2, 1}};
  jobs.shares = {{0, 3, 1000, 2}, {1, 1, 500, 1}, {1, 2, 500, 1}};
  jobs.samples = {
      {1 * kHour, 2000, 1, 1, 1, 0, 0},        {2 * kHour, 2500, 0, 2, 0, 1500, 1'500'000},
      {3 * kHour, 500, 0, 1, 0, 500, 500'000}, {4 * kHour, 0, 5, 0, 2, 4000, 8'000'000},
      {5 * kHour, 500, 4, 1, 1, 500, 500'000}, {7 * kHour, 0, 4, 0, 1, 0, 0}};
  jobs.reasons = {{2, 2, -1, 0, 0, 2, 0, 0, 1, 2000, 0, 0, "no room"},
                  {3, 1, -1, 0, 0, 2, 0, 0, -1, 0, 0, 0, "too large"}};
  jobs.cycles = 9;
  jobs.conflicts = 1;
  RunFacts facts;
  facts.end_ns = 10 * kHour;
  facts.cluster_gpus = 4;
  facts.cluster_price_usd_per_hour = 8;
  facts.jobs = jobs;
  REQUIRE(check_jobs(jobs, facts.end_ns) == std::vector<std::string>{});
  return facts;
}

}  // namespace

TEST_CASE("jobs are counted by what became of them", "[results][jobs]") {
  const SummarySection jobs = *summarize(small_run()).jobs;
  CHECK(jobs.scope == "jobs");
  CHECK(value(jobs, "jobs_submitted") == 4);
  CHECK(value(jobs, "jobs_finished") == 2);
  CHECK(value(jobs, "jobs_running") == 0);
  CHECK(value(jobs, "jobs_pending") == 1);
  CHECK(value(jobs, "jobs_rejected") == 1);
  CHECK(value(jobs, "preemptions") == 1);
  CHECK(value(jobs, "scheduling_cycles") == 9);
  CHECK(value(jobs, "scheduling_conflicts") == 1);
}

TEST_CASE("completion and queueing times are of finished jobs", "[results][jobs]") {
  const SummarySection jobs = *summarize(small_run()).jobs;
  CHECK(value(jobs, "jct_mean_s") == Approx(4 * 3600));
  CHECK(value(jobs, "jct_p50_s") == Approx(4 * 3600));
  CHECK(value(jobs, "queueing_mean_s") == Approx(3600));
  CHECK(jobs.at("jct_p99_s").absent == "not enough data: 2 values, 100 needed");
  CHECK(jobs.at("jct_p50_s").samples == 2);
  CHECK(value(jobs, "makespan_s") == Approx(6 * 3600));
  CHECK(value(jobs, "pending_longest_s") == Approx(6 * 3600));
}

TEST_CASE("a placement's slow-down leaves setup out", "[results][jobs]") {
  const SummarySection jobs = *summarize(small_run()).jobs;
  CHECK(value(jobs, "placement_slowdown_mean_ratio") == Approx((2.0 + 1.0) / 2));
  CHECK(jobs.at("placement_slowdown_p99_ratio").samples == 2);
}

TEST_CASE("GPUs are allocated, free or fragmented over the time of the run, at their prices",
          "[results][jobs]") {
  const SummarySection jobs = *summarize(small_run()).jobs;
  CHECK(value(jobs, "job_gpus") == 4);
  CHECK(value(jobs, "gpu_allocation_share") == Approx(6.0 / 40));
  CHECK(value(jobs, "allocated_gpus_mean") == Approx(0.6));
  CHECK(value(jobs, "unallocated_gpus_mean") == Approx(3.4));
  CHECK(value(jobs, "fragmented_gpus_mean") == Approx((1.5 + 0.5 + 4 + 2 * 0.5) / 10));
  CHECK(value(jobs, "fragmentation_share") == Approx(7.0 / 34));
  CHECK(value(jobs, "job_gpus_usd_per_day") == Approx(8 * 24));
  CHECK(value(jobs, "allocated_usd_per_day") == Approx((4 * 3 + 2 * 1) * 2.4));
  CHECK(value(jobs, "unallocated_usd_per_day") == Approx((80 - 14) * 2.4));
  CHECK(value(jobs, "fragmented_usd_per_day") == Approx((1.5 + 0.5 + 8 + 1) * 2.4));
}

TEST_CASE("setup and lost progress are shares of the GPU time of jobs", "[results][jobs]") {
  const SummarySection jobs = *summarize(small_run()).jobs;
  CHECK(value(jobs, "executed_gpu_hours") == Approx(8));
  CHECK(value(jobs, "setup_gpu_hours") == Approx(2));
  CHECK(value(jobs, "lost_gpu_hours") == Approx(1));
  CHECK(value(jobs, "setup_gpu_time_share") == Approx(0.25));
  CHECK(value(jobs, "lost_gpu_time_share") == Approx(0.125));
  CHECK(value(jobs, "cost_usd") == Approx(80));
  CHECK(value(jobs, "cost_usd_per_progress_gpu_hour") == Approx(16));
}

TEST_CASE("the total of a run with jobs has no energy, and its pools keep theirs",
          "[results][jobs]") {
  RunFacts facts = small_run();
  PoolFacts pool;
  pool.name = "chat";
  pool.replicas = pool.gpus_per_replica = 1;
  pool.replica_facts.resize(1);
  pool.busy_power_w = {0, 300};
  pool.idle_power_w = 100;
  facts.pools = {pool};
  const Summary summary = summarize(facts);
  CHECK(summary.total.at("energy_kwh").absent == "the energy of jobs is not modelled");
  CHECK(value(summary.pools[0], "energy_kwh") == Approx(1));
  CHECK_FALSE(summarize(RunFacts{}).jobs);
}

TEST_CASE("nothing about jobs is NaN or unexplained, even where nothing happened",
          "[results][jobs]") {
  RunFacts nothing;
  nothing.jobs.emplace();
  RunFacts no_gpus = small_run();
  for (JobNode& node : no_gpus.jobs->nodes) node.gpus = 0;
  for (const RunFacts& facts : {small_run(), nothing, no_gpus, tests::plausible_job_run()}) {
    const Summary summary = summarize(facts);
    for (const SummarySection* section : {&*summary.jobs, &summary.total}) {
      for (const Metric& metric : section->metrics) {
        INFO(metric.key);
        CHECK(metric.value.has_value() == metric.absent.empty());
        CHECK(std::isfinite(metric.value.value_or(0)));
      }
    }
  }
  CHECK(summarize(nothing).total.at("step_time_error_share").absent == "no pools");
}
