// The jobs of a run in its file and in its digest.
#include "results/job_file.hpp"

#include <functional>

#include "core/error.hpp"
#include "results/run_file.hpp"
#include "tests/catch.hpp"
#include "tests/unit/results/example_run.hpp"
#include "tests/unit/results/plausible_jobs.hpp"

namespace plimsoll {
namespace {

/// Every field differs from its default.
JobTables example_jobs() {
  JobTables jobs;
  jobs.scheduling = "fifo";
  jobs.estimates = "user";
  jobs.cycles = 5;
  jobs.conflicts = 6;
  jobs.names = {"", "two\nlines, a \\ and a \\n", "µs"};
  jobs.sources = {"s0", "s1"};
  jobs.queues = {"", "q1"};
  jobs.users = {"u0", std::string("a\0b\0", 4)};
  jobs.reason_names = {"none", "quota"};
  jobs.nodes = {{"n0", "h100", 8, 4, 2.1}, {"n1", "", 3, 1, 1.0 / 3}};
  jobs.jobs = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -11, 1, 1, 1, 12, 13, JobStatus::finished},
               {14, 15, -1, 16, 17, 18, 19, 20, 21, 22, 23, 0, 0, 0, 24, 25, JobStatus::rejected},
               {26, -1, -1, 27, 28, 29, 30, 31, 32, 33, 34, 1, 0, 1, 35, 36, JobStatus::pending}};
  jobs.runs = {{1, 40, 41, 0, 2}, {2, 42, -1, 2, 1}};
  jobs.shares = {{0, 5, 1000, 2}, {1, 6, 250, 3}, {1, 7, 125, 4}};
  jobs.samples = {{50, 51, 52, 53, 54, 55, 56}, {60, 61, 62, 63, 64, 65, 66}};
  jobs.reasons = {{1, 1, 2, 70, 71, 72, 73, 74, 1, 75, 76, std::int64_t{1} << 40, "why\nnot"},
                  {2, 0, -1, 80, 81, 82, 83, 84, -1, 85, 86, 87, ""}};
  return jobs;
}

RunFacts example_job_run() {
  RunFacts facts = example_run(3, 3);
  facts.jobs = example_jobs();
  facts.digest = digest(facts);
  return facts;
}

std::string refusal(const std::filesystem::path& path) {
  try {
    read_run(path);
  } catch (const IoError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("jobs come back from their file as they were", "[results][jobs][run_file]") {
  const TemporaryFolder folder;
  RunFacts facts = example_job_run();
  SECTION("every field") {}
  SECTION("none of them") { facts.jobs.emplace(); }
  SECTION("no pools") { facts.pools.clear(); }
  SECTION("many") { facts.jobs = tests::plausible_job_run({50, 3000, 40, 30, 1, 0.1}).jobs; }
  for (const bool compress : {false, true}) {
    write_run(folder / "run.h5", facts, nullptr, {compress});
    CHECK((read_run(folder / "run.h5") == facts));
  }
}

TEST_CASE("equal jobs are equal bytes, and a run without jobs has no group for them",
          "[results][jobs][run_file]") {
  const TemporaryFolder folder;
  const RunFacts facts = tests::plausible_job_run();
  const Summary summary = summarize(facts);
  write_run(folder / "one.h5", facts, &summary);
  write_run(folder / "two.h5", tests::plausible_job_run(), &summary);
  CHECK((bytes_of(folder / "one.h5") == bytes_of(folder / "two.h5")));
  write_run(folder / "none.h5", example_run(3, 3), nullptr);
  CHECK_FALSE(hdf5::Reader(folder / "none.h5").has("/jobs"));
}

TEST_CASE("columns of jobs say their unit, and status and reason their names",
          "[results][jobs][run_file]") {
  const TemporaryFolder folder;
  const RunFacts facts = example_job_run();
  const Summary summary = summarize(facts);
  write_run(folder / "run.h5", facts, &summary);
  const hdf5::Reader file(folder / "run.h5");
  CHECK(file.text_attribute("/jobs", "scheduling") == "fifo");
  CHECK(file.text_attribute("/jobs/jobs/submit_ns", "unit") == "ns");
  CHECK(file.text_attribute("/jobs/jobs/status", "names") == "pending running finished rejected");
  CHECK(file.text_attribute("/jobs/reasons/reason", "names") == "none quota");
  CHECK(file.text("/jobs/sources") == "s0\ns1\n");
  CHECK(file.text("/jobs/names") == "\ntwo\\nlines, a \\\\ and a \\\\n\nµs\n");
  CHECK(file.scalar("/summary/jobs/jobs_submitted") == 3);
}

TEST_CASE("a file whose jobs name what is not there is refused", "[results][jobs][run_file]") {
  const TemporaryFolder folder;
  const std::vector<std::pair<const char*, std::function<void(JobTables&)>>> changes = {
      {"/jobs/names", [](JobTables& j) { j.names.pop_back(); }},
      {"/jobs/jobs/status", [](JobTables& j) { j.jobs[0].status = static_cast<JobStatus>(4); }},
      {"/jobs/jobs/source", [](JobTables& j) { j.jobs[0].source = 2; }},
      {"/jobs/jobs/queue", [](JobTables& j) { j.jobs[0].queue = 2; }},
      {"/jobs/jobs/user", [](JobTables& j) { j.jobs[0].user = 2; }},
      {"/jobs/runs/job", [](JobTables& j) { j.runs[0].job = 3; }},
      {"/jobs/runs", [](JobTables& j) { j.runs[1].first_share = 3; }},
      {"/jobs/placements/node", [](JobTables& j) { j.shares[0].node = 2; }},
      {"/jobs/reasons/job", [](JobTables& j) { j.reasons[0].job = 3; }},
      {"/jobs/reasons/reason", [](JobTables& j) { j.reasons[0].reason = 2; }},
      {"/jobs/reasons/blocking", [](JobTables& j) { j.reasons[0].blocking = 3; }},
      {"/jobs/reasons/nearest_node", [](JobTables& j) { j.reasons[0].nearest_node = -2; }},
  };
  for (const auto& [name, change] : changes) {
    INFO(name);
    RunFacts facts = example_job_run();
    change(*facts.jobs);
    write_run(folder / "run.h5", facts, nullptr);
    CHECK(refusal(folder / "run.h5").find(std::string("run.h5: ") + name) != std::string::npos);
  }
}

TEST_CASE("a truncated run of jobs is refused wherever it was cut", "[results][jobs][run_file]") {
  const TemporaryFolder folder;
  write_run(folder / "run.h5", tests::plausible_job_run(), nullptr);
  const auto whole = std::filesystem::file_size(folder / "run.h5");
  for (std::uintmax_t size = whole - 1;; size = size * 9 / 10) {
    std::filesystem::resize_file(folder / "run.h5", size);
    INFO("cut to " << size << " of " << whole << " bytes");
    CHECK(refusal(folder / "run.h5").find("run.h5: ") != std::string::npos);
    if (size == 0) break;
  }
}

TEST_CASE("the digest changes with every fact of a job, and with no price",
          "[results][jobs][digest]") {
  const RunFacts facts = example_job_run();
  CHECK(facts.digest != example_run(3, 3).digest);
  const std::vector<std::function<void(JobTables&)>> changes = {
      [](JobTables& j) { j.cycles += 1; },
      [](JobTables& j) { j.conflicts += 1; },
      [](JobTables& j) { j.names[0] = "x"; },
      [](JobTables& j) { j.sources[0] = "x"; },
      [](JobTables& j) { j.queues[0] = "x"; },
      [](JobTables& j) { j.users[0] = "x"; },
      [](JobTables& j) { j.reason_names[0] = "x"; },
      [](JobTables& j) { j.nodes[0].name = "x"; },
      [](JobTables& j) { j.nodes[0].gpus += 1; },
      [](JobTables& j) { j.nodes[0].first_gpu += 1; },
      [](JobTables& j) { j.jobs[2].submit_ns += 1; },
      [](JobTables& j) { j.jobs[0].closest_ns += 1; },
      [](JobTables& j) { j.jobs[0].status = JobStatus::running; },
      [](JobTables& j) { j.runs[1].until_ns = 99; },
      [](JobTables& j) { j.shares[2].gpus ^= 1; },
      [](JobTables& j) { j.samples[1].fragmented_milli += 1; },
      [](JobTables& j) { j.reasons[0].missing_memory_bytes += 1; },
      [](JobTables& j) { j.reasons[0].text += "!"; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO("change " << i);
    RunFacts changed = facts;
    changes[i](*changed.jobs);
    CHECK(digest(changed) != facts.digest);
  }
  RunFacts dearer = facts;
  dearer.jobs->nodes[0].price_usd_per_gpu_hour = 99;
  dearer.jobs->samples[0].fragmented_micro_usd_per_hour = 99;
  CHECK(digest(dearer) == facts.digest);
}

}  // namespace plimsoll
