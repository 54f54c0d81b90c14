// The jobs' part of the page's data: what the charts draw adds up to what the facts say.
#include "report/job_html.hpp"

#include <bit>
#include <numeric>

#include "report/curves.hpp"
#include "report/gantt.hpp"
#include "report/html.hpp"
#include "report/job_curves.hpp"
#include "tests/catch.hpp"
#include "tests/unit/report/plausible_run.hpp"
#include "tests/unit/results/plausible_jobs.hpp"

using namespace plimsoll;
using report::Json;

namespace {

/// The data element of a page.
Json data_of(const std::string& page) {
  const std::string open = "<script id=\"run\" type=\"application/json\">";
  const std::size_t begin = page.find(open) + open.size();
  return Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("the page of a run with jobs holds their numbers, and one without holds none",
          "[report][html][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  const Summary summary = summarize(facts);
  const Json jobs = data_of(render_html(facts, summary))["jobs"];
  for (const Metric& metric : summary.jobs->metrics) {
    INFO(metric.key);
    const Json& shown = jobs["metrics"][metric.key]["value"];
    CHECK((metric.value ? shown == *metric.value : shown.is_null()));
  }
  CHECK(jobs["estimates"] == "oracle");
  CHECK(jobs["gpu_kinds"]["nvidia_h100_sxm"] == 64);
  CHECK(jobs["reasons"]["listed"].size() == facts.jobs->reasons.size());
  CHECK(jobs["reasons"]["rejected"][0] == Json({"never_fits", 1}));
  CHECK(jobs["longest_queued"].size() <= 15);
  CHECK(jobs["curves_s"]["jct"].size() == report::cdf_shares().size());
  const RunFacts pools = tests::plausible_run();
  CHECK_FALSE(data_of(render_html(pools, summarize(pools))).contains("jobs"));
}

TEST_CASE("the page of a run with pools and jobs is whole and repeatable", "[report][html][jobs]") {
  RunFacts facts = tests::plausible_run();
  facts.jobs = tests::plausible_job_run().jobs;
  facts.jobs->names[0] = "</script><script>alert(1)</script>";
  const Summary summary = summarize(facts);
  const std::string page = render_html(facts, summary);
  CHECK(page == render_html(facts, summary));
  CHECK(page.find("{{") == std::string::npos);  // every script is in its place
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(data_of(page)["jobs"]["gantt"]["jobs"]["name"][0] == facts.jobs->names[0]);
}

TEST_CASE("the course of jobs has the means of the summary", "[report][curves][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  const SummarySection section = *summarize(facts).jobs;
  for (const std::size_t rows : {1u, 7u, 480u}) {
    const report::JobTimeLine line = report::job_time_line(*facts.jobs, facts.end_ns, rows);
    REQUIRE(line.time_s.size() == rows);
    CHECK(line.time_s.back() == Approx(static_cast<double>(facts.end_ns) * 1e-9));
    CHECK(mean(line.allocated) == Approx(*section.at("allocated_gpus_mean").value));
    CHECK(mean(line.fragmented) == Approx(*section.at("fragmented_gpus_mean").value));
    CHECK(mean(line.allocated_usd_per_day) == Approx(*section.at("allocated_usd_per_day").value));
    CHECK(mean(line.fragmented_usd_per_day) == Approx(*section.at("fragmented_usd_per_day").value));
  }
  CHECK(report::job_time_line(JobTables{}, 0, 10).time_s.empty());
}

TEST_CASE("the Gantt chart holds every run on its GPUs", "[report][gantt][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  const Json gantt = report::gantt_json(*facts.jobs, facts.end_ns);
  const Json& runs = gantt["runs"];
  REQUIRE(runs["job"].size() == facts.jobs->runs.size());
  CHECK(gantt["left_out"]["runs"] == 0);
  CHECK(gantt["shares"]["milli"].is_null());  // every GPU is taken whole
  double gpu_s = 0;
  std::size_t share = 0;
  for (std::size_t run = 0; run < runs["job"].size(); ++run) {
    const JobRunFact& fact = facts.jobs->runs[run];
    CHECK(gantt["jobs"]["name"][runs["job"][run].get<std::size_t>()] ==
          facts.jobs->names[fact.job]);
    for (int i = 0; i < runs["shares"][run]; ++i, ++share)
      gpu_s += std::popcount(gantt["shares"]["mask"][share].get<unsigned>()) *
               runs["length"][run].get<double>() * gantt["tick_s"].get<double>();
  }
  CHECK(share == facts.jobs->shares.size());
  const SummarySection section = *summarize(facts).jobs;
  CHECK(gpu_s / 3600 == Approx(*section.at("executed_gpu_hours").value).epsilon(0.001));
  CHECK(static_cast<double>(runs["open"].size()) == *section.at("jobs_running").value);
}

TEST_CASE("a Gantt chart beyond its limits leaves out runs of the least GPU time, and says so",
          "[report][gantt][jobs]") {
  const RunFacts facts = tests::plausible_job_run();
  const std::size_t runs = facts.jobs->runs.size();
  const Json few = report::gantt_json(*facts.jobs, facts.end_ns, {5, 1000});
  CHECK(few["runs"]["job"].size() == 5);
  CHECK(few["left_out"]["runs"] == runs - 5);
  CHECK(few["left_out"]["gpu_time_share"] > 0);
  CHECK(few["left_out"]["gpu_time_share"] < 1.0 - 5.0 / static_cast<double>(runs));
  const Json narrow = report::gantt_json(*facts.jobs, facts.end_ns, {1000, 6});
  CHECK(narrow["shares"]["node"].size() <= 6);
  CHECK(narrow["runs"]["job"].size() + narrow["left_out"]["runs"].get<std::size_t>() == runs);
}

TEST_CASE("shared GPUs are drawn as the shares that they are", "[report][gantt][jobs]") {
  RunFacts facts = tests::plausible_job_run();
  facts.jobs->shares[0].gpu_milli = 250;
  const Json gantt = report::gantt_json(*facts.jobs, facts.end_ns);
  CHECK(gantt["shares"]["milli"][0] == 250);
  CHECK(gantt["shares"]["milli"][1] == 1000);
}
