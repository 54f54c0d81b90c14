// Jobs in the terminal's summary and in its JSON twin.
#include "report/job_terminal.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "report/job_reasons.hpp"
#include "report/summary_json.hpp"
#include "report/terminal.hpp"
#include "report/text_cells.hpp"
#include "tests/catch.hpp"
#include "tests/unit/report/plausible_run.hpp"
#include "tests/unit/results/plausible_jobs.hpp"

using namespace plimsoll;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string rendered(const RunFacts& facts) { return render_summary(facts, summarize(facts)); }

void check_width(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() < 100);
  }
}

}  // namespace

TEST_CASE("a run of jobs alone shows what a planner asks for, below 100 columns",
          "[report][terminal][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  const std::string text = rendered(facts);
  INFO(text);
  for (const char* part :
       {"research, production on 8 nodes with 64 nvidia_h100_sxm", "scheduled by srtf",
        "oracle estimates", "submitted", "preemptions", "JCT", "queueing", "[ ]: 95 %",
        "as long as on the closest placement", "of it setup", "lost to evictions", "64 for jobs",
        "fragmented", "per GPU hour of progress", "no_free_gpus", "1 never_fits",
        "would have to free up", "Digest"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
  for (const char* noise : {"Requests", "TTFT", "kWh", "nan"}) CHECK_FALSE(contains(text, noise));
  check_width(text);
}

TEST_CASE("pools and jobs have a block each, and the pool's holds its own GPUs alone",
          "[report][terminal][jobs]") {
  RunFacts facts = tests::plausible_run();
  facts.jobs = tests::plausible_job_run().jobs;
  const std::string text = rendered(facts);
  CHECK(contains(text, "\nchat: "));
  CHECK(contains(text, "\nJobs: "));
  CHECK(contains(text, "kWh: "));
  CHECK_FALSE(contains(text, "in the cluster"));
  facts.pools.push_back(tests::plausible_pool("code"));
  CHECK(contains(rendered(facts), "\nAll 2 pools\n"));
}

TEST_CASE("estimates are named where a policy reads them", "[report][terminal][jobs]") {
  RunFacts facts = tests::plausible_job_run();
  facts.jobs->estimates = "none";
  CHECK_FALSE(contains(rendered(facts), "estimates"));
}

TEST_CASE("a run in which no job ever ran has a block without empty numbers",
          "[report][terminal][jobs]") {
  RunFacts facts = tests::plausible_job_run();
  facts.jobs->jobs.clear();
  facts.jobs->names.clear();
  facts.jobs->runs.clear();
  facts.jobs->samples.clear();
  facts.jobs->reasons.clear();
  const std::string text = rendered(facts);
  CHECK(contains(text, "0 submitted"));
  CHECK_FALSE(contains(text, "n/a"));
  CHECK_FALSE(contains(text, "nan"));
}

TEST_CASE("those that wait longest come first, rejected jobs last", "[report][jobs]") {
  const RunFacts facts = tests::plausible_job_run({8, 120, 20, 18, 5, 0.15});
  const JobTables& jobs = *facts.jobs;
  const std::vector<std::uint32_t> order = report::reasons_in_order(jobs);
  REQUIRE(order.size() > 3);
  bool rejected = false;
  std::int64_t before = facts.end_ns;
  for (const std::uint32_t row : order) {
    const JobFact& job = jobs.jobs[jobs.reasons[row].job];
    rejected = rejected || job.status == JobStatus::rejected;
    CHECK(rejected == (job.status == JobStatus::rejected));
    if (!rejected) CHECK(job.queued_ns <= before);
    before = job.queued_ns;
  }
  CHECK(report::text_of(jobs.reasons[order[0]]) == jobs.reasons[order[0]].text);
  CHECK(report::text_of({}) == "no cycle of the scheduler has come to it yet");
  const auto counts = report::reason_counts(jobs, JobStatus::pending);
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].first == "no_free_gpus");
}

TEST_CASE("long lines break at spaces, and words that are longer than a line anywhere",
          "[report][terminal]") {
  CHECK(report::wrapped("  short", 4) == "  short");
  const std::string word(60, 'x');
  CHECK(report::wrapped("  " + word + " " + word, 4) == "  " + word + "\n    " + word);
  check_width(report::wrapped("    " + std::string(300, 'y'), 6));
  CHECK(report::wrapped("", 3).empty());
}

TEST_CASE("control characters of jobs do not reach the terminal", "[report][terminal][jobs]") {
  RunFacts facts = tests::plausible_job_run();
  for (std::string& name : facts.jobs->names) name = "job\x1b[31m";
  for (JobReasonFact& reason : facts.jobs->reasons) reason.text = "why\x1b\n";
  facts.jobs->sources[0] = "a\x07";
  const std::string text = rendered(facts);
  CHECK(text.find_first_of("\x1b\x07") == std::string::npos);
  CHECK(contains(text, "job?[31m"));
}

TEST_CASE("the JSON object has the jobs' numbers and why each waiting job does not run",
          "[report][json][jobs]") {
  RunFacts facts = tests::plausible_job_run();
  facts.jobs->reasons[0].blocking = 5;
  const Summary summary = summarize(facts);
  const auto json = nlohmann::json::parse(summary_json(facts, summary));
  const auto& jobs = json["jobs"];
  for (const Metric& metric : summary.jobs->metrics) {
    INFO(metric.key);
    if (metric.value) CHECK(jobs[metric.key] == *metric.value);
    if (!metric.value) CHECK(jobs["absent"][metric.key] == metric.absent);
  }
  CHECK(jobs["scheduling"] == "srtf");
  CHECK(jobs["estimates"] == "oracle");
  REQUIRE(jobs["reasons"].size() == facts.jobs->reasons.size());
  const auto& last = jobs["reasons"].back();
  CHECK(last["status"] == "rejected");
  CHECK(last["reason"] == "never_fits");
  CHECK(last["nodes_turned_away"]["gpus"] == 8);
  CHECK(last["nearest_node"].is_null());
  const auto& first = jobs["reasons"].front();
  CHECK(first["nearest_node"]["missing_gpus"] == 2.0);
  CHECK(jobs["reasons_left_out"] == 0);
  CHECK_FALSE(
      nlohmann::json::parse(summary_json(tests::plausible_run(), summarize(tests::plausible_run())))
          .contains("jobs"));
}

TEST_CASE("the JSON object says how many reasons it leaves out", "[report][json][jobs]") {
  RunFacts facts = tests::plausible_job_run();
  facts.jobs->reasons.resize(1500, facts.jobs->reasons[0]);
  const auto json = nlohmann::json::parse(summary_json(facts, summarize(facts)));
  CHECK(json["jobs"]["reasons"].size() == 1000);
  CHECK(json["jobs"]["reasons_left_out"] == 500);
}
