#include "traces/job_law_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/traces/small_job_law.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/job_csv.hpp"
#include "traces/job_recipe.hpp"

namespace plimsoll::test {
namespace {

/// How submissions are spread: coefficient of variation of the gaps, and variance over mean of hourly counts.
struct Spread {
  double gap_cv = 0;
  double hourly_dispersion = 0;
};

Spread spread_of(std::vector<double> at) {
  std::sort(at.begin(), at.end());
  const auto first_hour = static_cast<std::size_t>(at.front() / 3600);
  std::vector<double> gaps, hours(static_cast<std::size_t>(at.back() / 3600) - first_hour + 1);
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (i > 0) gaps.push_back(at[i] - at[i - 1]);
    hours[static_cast<std::size_t>(at[i] / 3600) - first_hour] += 1;
  }
  double gap = 0, hour = 0;
  const double gap_variance = dispersion(gaps, gap);
  const double hour_variance = dispersion(hours, hour);
  return {std::sqrt(gap_variance) / gap, hour_variance / hour};
}

/// The largest difference of two samples' cumulative distributions.
double ks_distance(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double worst = 0;
  const auto share = [](const std::vector<double>& of, double value) {
    return static_cast<double>(std::upper_bound(of.begin(), of.end(), value) - of.begin()) /
           static_cast<double>(of.size());
  };
  for (const auto* sample : {&a, &b})
    for (const double value : *sample)
      worst = std::max(worst, std::fabs(share(a, value) - share(b, value)));
  return worst;
}

std::vector<double> durations_of(const std::vector<RecordedJob>& jobs) {
  std::vector<double> durations;
  for (const RecordedJob& job : jobs)
    durations.push_back(std::max(1.0, std::nearbyint(to_seconds(job.running_time))));
  return durations;
}

/// Of all GPU-time, what jobs of each size take.
std::map<std::int32_t, double> gpu_time_shares(const std::vector<RecordedJob>& jobs) {
  std::map<std::int32_t, double> shares;
  double sum = 0;
  for (const RecordedJob& job : jobs) {
    const double gpu_time = job.gpus * to_seconds(job.running_time);
    shares[job.gpus] += gpu_time;
    sum += gpu_time;
  }
  for (auto& [gpus, share] : shares) share /= sum;
  return shares;
}

std::vector<RecordedJob> recorded(const std::string& format, const std::string& path) {
  JobTraceContext context;
  context.gpus_per_node = 1 << 20;
  std::vector<RecordedJob> jobs;
  for (const JobSpec& spec : read_job_trace({format, path}, context, {})) {
    RecordedJob& job = jobs.emplace_back();
    job.submitted_at = spec.submitted_at;
    job.running_time = *spec.user_estimate;
    job.gpus = 0;
    for (const SubGang& part : spec.gang) job.gpus += part.workers * part.each.gpus;
  }
  return jobs;
}

TEST_CASE("a fit finds the law that jobs were drawn from", "[traces][job_law]") {
  JobLaw law = small_law();
  law.arrivals.weekdays = {1, 1, 1, 1, 1, 1, 0.25};
  law.arrivals.days = {0.5, 1, 1.5};
  law.arrivals.hour_cv = 0.6;
  const auto jobs = draw(law, 60 * 24 * 140);
  const JobLaw again = fit_jobs(jobs, {});
  CHECK(again.arrivals.jobs_per_hour == Approx(60).epsilon(0.1));
  CHECK(again.arrivals.shape == Approx(0.5).epsilon(0.2));
  CHECK(again.arrivals.hour_cv == Approx(0.6).epsilon(0.15));
  CHECK(again.arrivals.hours[3] == Approx(4 * 24 / 27.0).epsilon(0.15));
  CHECK(again.arrivals.weekdays[6] == Approx(0.25 * 7 / 6.25).epsilon(0.3));
  CHECK(again.arrivals.days.size() == kMostDayRates);
  REQUIRE(again.sizes.size() == 3);
  CHECK(again.sizes[1].share == Approx(0.5).epsilon(0.01));
  REQUIRE(again.sizes[1].requests.size() == 2);
  CHECK(again.sizes[1].requests[0].gpu_milli == 250);
  CHECK(again.sizes[1].requests[0].share == Approx(0.75).epsilon(0.01));
  CHECK(again.sizes[2].requests.empty());
  CHECK(again.sizes[2].duration_s.table.mean() ==
        Approx(law.sizes[2].duration_s.table.mean()).epsilon(0.02));
  CHECK(again.queues[0].share == Approx(0.9).epsilon(0.01));
  CHECK(again.users[0].share == Approx(0.25).epsilon(0.02));
  CHECK(fit_jobs(jobs, {}) == again);
}

TEST_CASE("jobs without a recorded running time cannot be fitted", "[traces][job_law]") {
  CHECK_THROWS_WITH(fit_job_trace({"pollux", "w.csv"}, {"--trace"}, "law.yaml"),
                    Catch::StartsWith("--trace: jobs of the format pollux need `profiles`"));
}

TEST_CASE("every shipped law says where it is from, and its jobs have its means",
          "[traces][job_law]") {
  for (const std::string& name : shipped_job_laws().names()) {
    INFO(name);
    const JobLaw law = shipped_law(name);
    CHECK_FALSE(law.source.empty());
    CHECK_FALSE(law.attribution.empty());
    JobSynthesis synthesis;
    synthesis.jobs = 100000;
    synthesis.steady = true;
    const auto jobs = draw_jobs(law, synthesis, 1, "jobs/x");
    double gpus = 0, seconds = 0;
    for (const RecordedJob& job : jobs) {
      gpus += job.gpus;
      seconds += to_seconds(job.running_time);
    }
    const JobLawMeans means = means_of(law, 1 << 20);
    CHECK(gpus / 1e5 == Approx(means.gpus).epsilon(0.1));
    CHECK(seconds / 1e5 == Approx(means.duration_s).epsilon(0.15));
    CHECK(1e5 / times_of(jobs).back() * 3600 == Approx(law.arrivals.jobs_per_hour).epsilon(0.1));
  }
}

/// The summaries that the clusters' operators published; GPU-seconds per job are their GPU time over their GPU jobs.
TEST_CASE("laws built from published statistics have them", "[traces][job_law]") {
  struct Published {
    const char* law;
    double mean_s, median_s, mean_gpus, gpu_seconds;
  };
  for (const Published& of : {Published{"acme_seren", 1414.335, 122, 5.68,
                                        (4560592618.0 + 14274584510.0 + 2675447459.0) / 663813},
                              Published{"helios_venus", 13040.598, 204, 6.736,
                                        (6373315670.0 + 4920266598.0 + 1052030340.0) / 125303}}) {
    INFO(of.law);
    const JobLaw law = shipped_law(of.law);
    const JobLawMeans means = means_of(law, 1 << 20);
    CHECK(means.duration_s == Approx(of.mean_s).epsilon(0.001));
    CHECK(means.gpus == Approx(of.mean_gpus).epsilon(0.001));
    CHECK(means.gpu_seconds == Approx(of.gpu_seconds).epsilon(0.001));
    double below = 0;
    for (const JobSizeClass& size : law.sizes)
      below += size.share * size.duration_s.table.share_at(static_cast<std::int32_t>(of.median_s));
    CHECK(below == Approx(0.5).margin(0.005));
    CHECK(law.sizes.front().gpus == 1);
    CHECK(law.sizes.front().share > 0.5);  // the median job has one GPU
  }
}

TEST_CASE("a fitted law reproduces the jobs of its trace", "[traces][job_law][data]") {
  struct Case {
    const char* name;
    const char* format;
    const char* file;
    double gap_cv_factor;
  };
  for (const Case& of : {Case{"philly", "philly", "philly/philly_jobs_pollux.csv.zst", 1.4},
                         Case{"openb", "openb", "fgd_openb/openb_pod_list_default.csv.zst", 1.6},
                         Case{"pai", "pai", "alibaba_pai_2020/pai_1k.csv", 1.2}}) {
    const std::string path = data_path(of.file);
    if (path.empty()) continue;
    INFO(of.name);
    const auto data = recorded(of.format, path);
    const JobLaw law = fit_job_trace({of.format, path}, {}, std::string(of.name) + ".yaml");
    const JobLaw ours = shipped_law(of.name);
    if (law.jobs == ours.jobs) CHECK(law == ours);  // the same data: what ships is what is fitted
    const auto drawn = draw(law, 600000);
    CHECK(ks_distance(durations_of(data), durations_of(drawn)) < 0.03);
    const auto of_drawn = gpu_time_shares(drawn);
    for (const auto& [gpus, share] : gpu_time_shares(data))
      CHECK(of_drawn.at(gpus) == Approx(share).margin(0.03));
    const Spread in_data = spread_of(times_of(data)), in_drawn = spread_of(times_of(drawn));
    INFO("CV of gaps " << in_data.gap_cv << " in the data, " << in_drawn.gap_cv
                       << " drawn; hourly index of dispersion " << in_data.hourly_dispersion << ", "
                       << in_drawn.hourly_dispersion);
    const double cv = in_drawn.gap_cv / in_data.gap_cv;
    CHECK((cv > 1 / of.gap_cv_factor && cv < of.gap_cv_factor));
    const double hourly = in_drawn.hourly_dispersion / in_data.hourly_dispersion;
    CHECK((hourly > 1 / 1.3 && hourly < 1.3));
  }
}

TEST_CASE("the day of jobs that ships is what its recipe makes", "[traces][job_law]") {
  const auto recipe =
      read_config<JobRecipe>(load_yaml(source_path("traces/synthetic/batch_day.yaml")));
  const auto jobs =
      draw_jobs(shipped_law(recipe.like), synthesis_of(recipe, {}), recipe.seed, "job");
  CHECK(jobs == read_csv_jobs(source_path("traces/synthetic/batch_day.csv")));
  double gpu_seconds = 0;
  for (const RecordedJob& job : jobs) gpu_seconds += job.gpus * to_seconds(job.running_time);
  CHECK(gpu_seconds / (16 * 8 * 86400.0) == Approx(0.87).margin(0.01));
}

}  // namespace
}  // namespace plimsoll::test
