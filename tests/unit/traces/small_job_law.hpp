// A law of jobs for tests, and jobs drawn from laws.
#pragma once

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "hardware/catalog_paths.hpp"
#include "traces/job_synthesis.hpp"

namespace plimsoll::test {

inline JobLaw shipped_law(const std::string& name) {
  return read_job_law(shipped_job_laws().find(name, {}).root.at.source);
}

inline JobLaw small_law() {
  JobLaw law;
  law.source = "a test: \"quoted\"";
  law.arrivals = {60, 0.5, 0.25, std::vector<double>(24, 1.0), {1, 1, 1, 1, 1, 0.5, 0}, {0, 1, 3}};
  law.arrivals.hours[3] = 4;
  const FittedTable short_jobs{QuantileTable({{0, 0}, {100, 1}}), std::nullopt, std::nullopt};
  const FittedTable long_jobs{QuantileTable({{99, 0}, {200, 0.5}, {10000, 1}}), 0.01, 2600.5};
  law.sizes.push_back({0, 0.25, short_jobs, {{1000, 4000, 1024, 1}}});
  law.sizes.push_back({1, 0.5, short_jobs, {{250, 500, 64, 0.75}, {1000, 0, 0, 0.25}}});
  law.sizes.push_back({8, 0.25, long_jobs, {}});
  law.queues = {{"prod", 0.9}, {"re: search", 0.1}};
  law.users = {{"ann", 1}, {"bob", 3}};
  return law;
}

inline std::vector<RecordedJob> draw(const JobLaw& law, std::int64_t jobs, std::uint64_t seed = 1,
                                     std::string_view path = "jobs/batch") {
  JobSynthesis synthesis;
  synthesis.jobs = jobs;
  return draw_jobs(law, synthesis, seed, path);
}

inline std::vector<double> times_of(const std::vector<RecordedJob>& jobs) {
  std::vector<double> at;
  for (const RecordedJob& job : jobs) at.push_back(to_seconds(job.submitted_at));
  return at;
}

/// Variance of the values, and their mean.
inline double dispersion(const std::vector<double>& values, double& mean) {
  mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size());
}

}  // namespace plimsoll::test
