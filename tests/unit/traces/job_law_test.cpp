#include "traces/job_law.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/traces/small_job_law.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/job_csv.hpp"

namespace plimsoll::test {
namespace {

std::string fault(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.write("law.yaml", text);
  try {
    read_job_law(path);
  } catch (const ConfigError& error) {
    return std::string(error.what()).substr(path.size() - std::string("law.yaml").size());
  }
  return "";
}

TEST_CASE("a law of jobs reads back as it was written", "[traces][job_law]") {
  const TemporaryFolder folder;
  JobLaw law = small_law();
  write_job_law(law, folder.path("law.yaml"));
  CHECK(read_job_law(folder.path("law.yaml")) == law);
  law.queues.clear();
  law.users.clear();
  law.arrivals = {};
  law.attribution = "ours";
  law.command = "plimsoll";
  law.jobs = 7;
  write_job_law(law, folder.path("law.yaml"));
  CHECK(read_job_law(folder.path("law.yaml")) == law);
}

TEST_CASE("what is wrong with a law of jobs is said with its place", "[traces][job_law]") {
  const std::string head = "source: x\narrivals: {jobs_per_hour: 2}\n";
  const std::string knots = "duration_s: {knots: [[0, 0], [9, 1]]}";
  CHECK(fault(head + "sizes:\n- {gpus: 1, share: 1, " + knots + "}\n").empty());
  CHECK(fault(head + "sizes: []\n") == "law.yaml:3:8: sizes lists no size of jobs.");
  CHECK(fault(head + "sizes:\n- {gpus: 1, share: 0, " + knots + "}\n") ==
        "law.yaml:4:1: sizes have no share above 0.");
  CHECK(fault(head + "sizes:\n- {gpus: 2, share: 1, " + knots + "}\n- {gpus: 2, share: 1, " +
              knots + "}\n") == "law.yaml:5:10: sizes[1].gpus = 2 does not rise.");
  CHECK(fault(head + "sizes:\n- {gpus: 2, share: 1, requests: [{gpu_milli: 10, share: 1}], " +
              knots + "}\n")
            .ends_with("sizes[0].requests[0].gpu_milli is below 1000 of no single GPU."));
  CHECK(fault(head + "sizes:\n- {gpus: 2, share: 1, duration_s: {knots: [[0, 0], [0, 1]]}}\n")
            .ends_with("sizes[0].duration_s.knots[1]: 0 seconds do not rise."));
  const std::string sizes = "sizes:\n- {gpus: 1, share: 1, " + knots + "}\n";
  CHECK(fault("source: x\narrivals: {jobs_per_hour: 2, hours: [1, 2]}\n" + sizes) ==
        "law.yaml:2:37: arrivals.hours has 2 entries; it needs 24.");
  CHECK(fault("source: x\narrivals: {jobs_per_hour: 2, days: [0, 0]}\n" + sizes) ==
        "law.yaml:2:36: arrivals.days are all 0: no job would ever come.");
  CHECK_THAT(fault("source: x\narrivals: {jobs_per_hour: 0, shape: 0}\n" + sizes),
             Catch::Contains("arrivals.jobs_per_hour = 0") && Catch::Contains("arrivals.shape"));
}

TEST_CASE("drawn jobs are those of the law's sizes, requests, queues and users",
          "[traces][job_law]") {
  const JobLaw law = small_law();
  constexpr std::size_t kJobs = 40000;
  const auto jobs = draw(law, kJobs);
  REQUIRE(jobs.size() == kJobs);
  const auto share = [&](auto&& is) {
    return static_cast<double>(std::ranges::count_if(jobs, is)) / kJobs;
  };
  CHECK(share([](const RecordedJob& job) { return job.gpus == 0; }) == Approx(0.25).margin(0.01));
  CHECK(share([](const RecordedJob& job) { return job.gpu_milli == 250; }) ==
        Approx(0.5 * 0.75).margin(0.01));
  CHECK(share([](const RecordedJob& job) { return job.queue == "prod"; }) ==
        Approx(0.9).margin(0.01));
  CHECK(share([](const RecordedJob& job) { return job.user == "bob"; }) ==
        Approx(0.75).margin(0.01));
  double seconds = 0, gpu_seconds = 0;
  for (const RecordedJob& job : jobs) {
    seconds += to_seconds(job.running_time);
    gpu_seconds += job.gpus * to_seconds(job.running_time);
    if (job.gpus == 0) CHECK(job.cpu_milli == 4000);
    if (job.gpus == 8) CHECK((job.cpu_milli == 0 && job.running_time >= std::chrono::seconds{100}));
  }
  const JobLawMeans means = means_of(law, 8);
  CHECK(seconds / kJobs == Approx(means.duration_s).epsilon(0.03));
  CHECK(gpu_seconds / kJobs == Approx(means.gpu_seconds).epsilon(0.03));
  CHECK(means_of(law, 1).gpus == Approx(0.5 / 0.75));
  CHECK(jobs[17].name == "batch-000017");
  CHECK(std::ranges::is_sorted(jobs, {}, &RecordedJob::submitted_at));
}

TEST_CASE("what a job is depends on its index and path, not on rate, length or another path",
          "[traces][job_law]") {
  const JobLaw law = small_law();
  const auto jobs = draw(law, 500);
  CHECK(draw(law, 500) == jobs);
  const auto more = draw(law, 900);
  CHECK(std::vector(more.begin(), more.begin() + 500) == jobs);
  JobSynthesis faster;
  faster.jobs = 500;
  faster.jobs_per_hour = 6000;
  auto same_jobs = draw_jobs(law, faster, 1, "jobs/batch");
  CHECK(same_jobs.back().submitted_at < jobs.back().submitted_at);
  for (std::size_t i = 0; i < jobs.size(); ++i) same_jobs[i].submitted_at = jobs[i].submitted_at;
  CHECK(same_jobs == jobs);
  CHECK(times_of(draw(law, 500, 2)) != times_of(jobs));
  CHECK(times_of(draw(law, 500, 1, "jobs/other")) != times_of(jobs));
}

TEST_CASE("a synthesis keeps to its horizon, its largest size and its rate", "[traces][job_law]") {
  const JobLaw law = small_law();
  JobSynthesis synthesis;
  synthesis.horizon = std::chrono::hours{24 * 200};
  synthesis.most_gpus = 1;
  synthesis.jobs_per_hour = 5;
  const auto jobs = draw_jobs(law, synthesis, 3, "jobs/x");
  CHECK(static_cast<double>(jobs.size()) / (24 * 200) == Approx(5).epsilon(0.2));
  CHECK(jobs.back().submitted_at < SimTime{*synthesis.horizon});
  for (const RecordedJob& job : jobs) CHECK(job.gpus <= 1);
  synthesis.jobs = 10;
  CHECK(draw_jobs(law, synthesis, 3, "jobs/x").size() == 10);

  JobLaw large = law;
  large.sizes.erase(large.sizes.begin(), large.sizes.begin() + 2);
  CHECK_THROWS_WITH(draw_jobs(large, synthesis, 3, "jobs/x"),
                    "jobs/x: the law has no job of 1 GPUs or fewer; its smallest have 8.");
  synthesis.horizon.reset();
  synthesis.jobs_per_hour = 1e-6;
  CHECK_THROWS_WITH(draw_jobs(law, synthesis, 3, "jobs/x"),
                    "jobs/x: 10 jobs at this rate take more than 31 years to come.");
}

TEST_CASE("a steady synthesis has the hours of the day, and no day unlike another",
          "[traces][job_law]") {
  JobLaw law = small_law();
  law.arrivals.hour_cv = 0;
  law.arrivals.shape = 1;
  JobSynthesis synthesis;
  synthesis.horizon = std::chrono::hours{24 * 100};
  synthesis.steady = true;
  std::vector<double> days(100), hours(24);
  for (const double at : times_of(draw_jobs(law, synthesis, 1, "jobs/x"))) {
    days[static_cast<std::size_t>(at / 86400)] += 1;
    hours[static_cast<std::size_t>(at / 3600) % 24] += 1;
  }
  double day = 0, hour = 0;
  CHECK(dispersion(days, day) / day < 2);
  CHECK(day == Approx(24 * 60).epsilon(0.01));
  dispersion(hours, hour);
  CHECK(hours[3] / hour == Approx(4 * 24 / 27.0).epsilon(0.05));
}

TEST_CASE("synthesized jobs become gangs of the cluster that they run on", "[traces][job_law]") {
  JobSynthesis synthesis;
  synthesis.jobs = 200;
  JobTraceContext context;
  context.gpus_per_node = 4;
  context.allowed = 0b10;
  const auto jobs = synthesize_jobs(small_law(), synthesis, context, 1, "jobs/x");
  const auto recorded_jobs = draw_jobs(small_law(), synthesis, 1, "jobs/x");
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const SubGang& part = jobs[i].gang.front();
    if (recorded_jobs[i].gpus == 8) CHECK((part.workers == 2 && part.each.gpus == 4));
    if (recorded_jobs[i].gpus > 0) CHECK(part.each.gpu_kinds == 0b10);
    CHECK(jobs[i].user_estimate == recorded_jobs[i].running_time);
  }
}

TEST_CASE("jobs of our own format read back as they were written", "[traces][jobs]") {
  const TemporaryFolder folder;
  auto jobs = draw(small_law(), 300);
  jobs[5].priority = -3;
  for (const char* name : {"jobs.csv", "jobs.csv.zst"}) {
    write_csv_jobs(jobs, folder.path(name));
    CHECK(read_csv_jobs(folder.path(name)) == jobs);
  }
  CHECK(read_bytes(folder.path("jobs.csv"))
            .starts_with("name,submit_s,gpus,duration_s,queue,user,priority,gpu_milli,cpu_milli,"
                         "memory_mib\nbatch-000000,"));
  RecordedJob plain;
  plain.name = "a";
  plain.running_time = from_seconds(1.5);
  write_csv_jobs({plain}, folder.path("jobs.csv"));
  CHECK(read_bytes(folder.path("jobs.csv")) == "name,submit_s,gpus,duration_s\na,0,1,1.5\n");
}

}  // namespace
}  // namespace plimsoll::test
