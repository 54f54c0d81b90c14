// Facts of jobs that keep the laws, and one that breaks each of them.
#include "results/job_laws.hpp"

#include <functional>

#include "results/summary.hpp"
#include "tests/catch.hpp"
#include "tests/unit/results/plausible_jobs.hpp"

using namespace plimsoll;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// The first job of a status.
JobFact& first(JobTables& jobs, JobStatus status) {
  const auto found = std::find_if(jobs.jobs.begin(), jobs.jobs.end(),
                                  [&](const JobFact& job) { return job.status == status; });
  REQUIRE(found != jobs.jobs.end());
  return *found;
}

}  // namespace

TEST_CASE("jobs of a run keep the laws", "[results][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  CHECK(check_jobs(*facts.jobs, facts.end_ns) == std::vector<std::string>{});
  CHECK(check_conservation(facts).empty());
  std::uint32_t preemptions = 0;
  for (const JobFact& job : facts.jobs->jobs) preemptions += job.preemptions;
  CHECK(preemptions > 0);  // or the laws about them were never asked
  CHECK_FALSE(facts.jobs->reasons.empty());
}

TEST_CASE("each law about jobs notices what breaks it", "[results][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  const std::vector<std::function<void(JobTables&)>> changes = {
      [](JobTables& j) { j.names.pop_back(); },
      [](JobTables& j) { j.runs[1].job = 100'000; },
      [](JobTables& j) { j.runs[1].first_share += 1; },
      [](JobTables& j) { j.shares[0].node = 8; },
      [](JobTables& j) { j.shares[0].gpus |= 256; },
      [](JobTables& j) { j.shares.emplace_back(); },
      [](JobTables& j) { j.jobs[0].submit_ns += 1; },
      [](JobTables& j) { j.jobs[0].submit_ns = -1; },
      [](JobTables& j) { j.jobs[0].start_ns += 1; },
      [](JobTables& j) { first(j, JobStatus::finished).end_ns += 1; },
      [](JobTables& j) { first(j, JobStatus::finished).status = JobStatus::running; },
      [](JobTables& j) { first(j, JobStatus::finished).status = JobStatus::rejected; },
      [](JobTables& j) { first(j, JobStatus::running).status = JobStatus::pending; },
      [](JobTables& j) { j.jobs[0].queued_ns += 1; },
      [](JobTables& j) { j.jobs[0].executed_ns += 1; },
      [](JobTables& j) { j.jobs[0].gpu_us -= 1; },
      [](JobTables& j) { j.jobs[0].setup_gpu_us = j.jobs[0].gpu_us + 1; },
      [](JobTables& j) { j.jobs[0].lost_gpu_us = -1; },
      [](JobTables& j) { j.jobs[0].closest_ns = -1; },
      [](JobTables& j) { j.jobs[0].starts += 1; },
      [](JobTables& j) { j.jobs[0].preemptions += 1; },
      [](JobTables& j) { first(j, JobStatus::rejected).queued_ns = 1; },
      [](JobTables& j) { std::swap(j.samples[3], j.samples[4]); },
      [](JobTables& j) { j.samples.erase(j.samples.begin() + 3); },
      [](JobTables& j) { j.samples[3].time_ns += 1; },
      [](JobTables& j) { j.samples[3].allocated_milli += 1; },
      [](JobTables& j) { j.samples[3].pending_gpus += 1; },
      [](JobTables& j) { j.samples[3].running += 1; },
      [](JobTables& j) { j.samples[3].pending += 1; },
      [](JobTables& j) { j.samples[3].fragmented_milli = 64'001; },
      [](JobTables& j) { j.samples[3].fragmented_milli = -1; },
      [](JobTables& j) { j.reasons.pop_back(); },
      [](JobTables& j) { j.reasons.push_back(j.reasons.back()); },
      [](JobTables& j) { j.reasons.back().job = 0; },
      [](JobTables& j) { j.reasons.back().reason = 10; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO("change " << i);
    RunFacts changed = facts;
    changes[i](*changed.jobs);
    CHECK_FALSE(check_conservation(changed).empty());
  }
}

TEST_CASE("a GPU may be shared up to the whole of it, and not beyond", "[results][jobs]") {
  JobTables jobs;
  jobs.nodes = {{"n0", "t4", 2, 0, 1}};
  jobs.names = {"a", "b"};
  for (int i = 0; i < 2; ++i) {
    JobFact job;
    job.start_ns = 0;
    job.end_ns = job.executed_ns = job.closest_ns = kSecond;
    job.gpu_us = kSecond / 1000;
    job.gpus = 1;
    job.starts = 1;
    job.status = JobStatus::finished;
    jobs.jobs.push_back(job);
  }
  jobs.runs = {{0, 0, kSecond, 0, 1}, {1, 0, kSecond, 1, 1}};
  jobs.shares = {{0, 1, 600, 1}, {0, 1, 400, 1}};
  jobs.samples = {{0, 1000, 0, 2, 0, 0, 0}, {kSecond, 0, 0, 0, 0, 0, 0}};
  CHECK(check_jobs(jobs, 2 * kSecond) == std::vector<std::string>{});
  jobs.shares[1].gpu_milli = 401;
  jobs.samples[0].allocated_milli = 1001;
  const std::vector<std::string> faults = check_jobs(jobs, 2 * kSecond);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0] == "0 ns: 1001 thousandths of GPU 0 of node n0 are held");
  jobs.mig_profiles = {"1g.10gb"};
  jobs.shares = {{0, 1, 142, 1, 0, 0b01}, {0, 1, 142, 1, 0, 0b10}};
  jobs.samples[0].allocated_milli = 284;
  CHECK(check_jobs(jobs, 2 * kSecond) == std::vector<std::string>{});
  jobs.shares[1].mig_slices = 0b11;
  CHECK(check_jobs(jobs, 2 * kSecond) ==
        std::vector<std::string>{"0 ns: MIG slices twice of GPU 0 of node n0 are held"});
}
