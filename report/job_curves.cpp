#include "report/job_curves.hpp"

#include <algorithm>
#include <span>

#include "report/curves.hpp"
#include "results/job_tally.hpp"
#include "results/quantiles.hpp"

namespace plimsoll::report {
namespace {

std::vector<double> curve(const std::vector<std::int64_t>& values_ns) {
  Distribution values;
  values.add(std::span(values_ns));
  std::vector<double> result;
  if (values.size() == 0) return result;
  for (const double share : cdf_shares()) {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(values.size() - 1));
    result.push_back(static_cast<double>(values.near_rank(rank)) * 1e-9);
  }
  return result;
}

/// A value from an instant to the next one.
struct Step {
  double time_s = 0;
  double value = 0;
};

/// Means of a step function, 0 before its first step, over `rows` equal stretches of [0, end_s].
std::vector<double> means(std::span<const Step> steps, double end_s, std::size_t rows) {
  std::vector<double> result(rows);
  const double width_s = end_s / static_cast<double>(rows);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double until_s = i + 1 < steps.size() ? steps[i + 1].time_s : end_s;
    double from_s = steps[i].time_s;
    auto row = static_cast<std::size_t>(from_s / width_s);
    for (; row < rows && from_s < until_s; ++row) {
      const double to_s = std::min(until_s, static_cast<double>(row + 1) * width_s);
      if (to_s > from_s) result[row] += steps[i].value * (to_s - from_s) / width_s;
      from_s = std::max(from_s, to_s);
    }
  }
  return result;
}

template <class Member>
std::vector<Step> steps_of(const JobTables& jobs, Member JobSample::* member, double unit) {
  std::vector<Step> steps;
  for (const JobSample& sample : jobs.samples) {
    steps.push_back(
        {static_cast<double>(sample.time_ns) * 1e-9, static_cast<double>(sample.*member) * unit});
  }
  return steps;
}

double usd_per_day(const JobTables& jobs, const JobRunFact& run) {
  double usd = 0;
  for (std::uint32_t i = 0; i < run.shares; ++i) {
    const JobShareFact& share = jobs.shares[run.first_share + i];
    usd += gpus_of(share) * share.gpu_milli * jobs.nodes[share.node].price_usd_per_gpu_hour;
  }
  return usd / 1000 * 24;
}

std::vector<Step> allocated_usd_steps(const JobTables& jobs) {
  std::vector<Step> changes;
  for (const JobRunFact& run : jobs.runs) {
    const double usd = usd_per_day(jobs, run);
    changes.push_back({static_cast<double>(run.from_ns) * 1e-9, usd});
    if (run.until_ns != kNoTime)
      changes.push_back({static_cast<double>(run.until_ns) * 1e-9, -usd});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Step& a, const Step& b) { return a.time_s < b.time_s; });
  double sum = 0;
  for (Step& change : changes) change.value = sum += change.value;
  return changes;
}

}  // namespace

JobTimeCurves job_time_curves(const JobTables& jobs, std::int64_t end_ns) {
  const JobTally counted = tally(jobs, end_ns);
  return {curve(counted.jct_ns), curve(counted.queued_ns)};
}

JobTimeLine job_time_line(const JobTables& jobs, std::int64_t end_ns, std::size_t rows) {
  JobTimeLine line;
  const double end_s = static_cast<double>(end_ns) * 1e-9;
  if (end_ns <= 0) return line;
  for (std::size_t row = 1; row <= rows; ++row)
    line.time_s.push_back(end_s * static_cast<double>(row) / static_cast<double>(rows));
  const auto course = [&](auto member, double unit) {
    return means(steps_of(jobs, member, unit), end_s, rows);
  };
  line.allocated = course(&JobSample::allocated_milli, 1e-3);
  line.fragmented = course(&JobSample::fragmented_milli, 1e-3);
  line.pending_gpus = course(&JobSample::pending_gpus, 1);
  line.running = course(&JobSample::running, 1);
  line.pending = course(&JobSample::pending, 1);
  line.allocated_usd_per_day = means(allocated_usd_steps(jobs), end_s, rows);
  line.fragmented_usd_per_day = course(&JobSample::fragmented_micro_usd_per_hour, 24e-6);
  return line;
}

}  // namespace plimsoll::report
