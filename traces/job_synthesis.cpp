#include "traces/job_synthesis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "core/assert.hpp"
#include "core/distributions.hpp"
#include "core/random_stream.hpp"

namespace plimsoll {
namespace {

constexpr double kHour_s = 3600;
constexpr double kMostSeconds = 1e9;
constexpr std::int64_t kMiB = std::int64_t{1} << 20;

std::string jobs_of(std::string_view path) { return std::string(path) + "/jobs"; }

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// When jobs come: see JobArrivals.
class SubmissionTimes {
 public:
  SubmissionTimes(const JobArrivals& law, const JobSynthesis& synthesis, std::uint64_t seed,
                  std::string_view path)
      : law_(law),
        horizon_s_(synthesis.horizon ? to_seconds(*synthesis.horizon) : kMostSeconds),
        gap_draws_(seed, jobs_of(path), "gap"),
        day_draws_(seed, jobs_of(path), "day"),
        hour_draws_(seed, jobs_of(path), "hour"),
        gap_(law.shape) {
    law_.jobs_per_hour = synthesis.jobs_per_hour.value_or(law.jobs_per_hour);
    PLIMSOLL_ASSERT(law_.jobs_per_hour > 0, "{} jobs per hour", law_.jobs_per_hour);
    if (synthesis.steady) {
      law_.weekdays.clear();
      law_.days.clear();
    }
    for (auto* relative : {&law_.hours, &law_.weekdays, &law_.days}) {
      if (relative->empty()) continue;
      const double mean = mean_of(*relative);
      for (double& value : *relative) value /= mean;
    }
    if (law_.hour_cv > 0) hour_variate_.emplace(1 / (law_.hour_cv * law_.hour_cv));
    enter_hour(0);
  }

  /// Seconds of the next submission; nothing from the horizon on.
  std::optional<double> next() {
    double gap = gap_(gap_draws_, index_++) / law_.shape;
    while (gap >= (1 - offset_h_) * rate_) {
      gap -= (1 - offset_h_) * rate_;
      enter_hour(hour_ + 1);
      if (static_cast<double>(hour_) * kHour_s >= horizon_s_) return std::nullopt;
    }
    offset_h_ += gap / rate_;
    const double at = (static_cast<double>(hour_) + offset_h_) * kHour_s;
    return at < horizon_s_ ? std::optional(at) : std::nullopt;
  }

 private:
  void enter_hour(std::uint64_t hour) {
    hour_ = hour;
    offset_h_ = 0;
    const std::uint64_t day = hour / kHoursPerDay;
    rate_ = law_.jobs_per_hour;
    if (!law_.hours.empty()) rate_ *= law_.hours[hour % kHoursPerDay];
    if (!law_.weekdays.empty()) rate_ *= law_.weekdays[day % kDaysPerWeek];
    if (!law_.days.empty()) {
      const auto days = static_cast<std::uint32_t>(law_.days.size());
      rate_ *= law_.days[below(days, day_draws_.bits(day))];
    }
    if (hour_variate_) rate_ *= (*hour_variate_)(hour_draws_, hour) * (law_.hour_cv * law_.hour_cv);
  }

  JobArrivals law_;
  double horizon_s_;
  RandomStream gap_draws_;
  RandomStream day_draws_;
  RandomStream hour_draws_;
  GammaDistribution gap_;
  std::optional<GammaDistribution> hour_variate_;  ///< none: hours differ by the law's lists alone
  std::uint64_t index_ = 0;                        ///< of the next job
  std::uint64_t hour_ = 0;                         ///< of the last one
  double offset_h_ = 0;                            ///< of the last one in its hour
  double rate_ = 0;                                ///< mean gaps per hour in that hour
};

/// Picks one of several by their shares.
class ShareTable {
 public:
  template <class Entries>
  explicit ShareTable(const Entries& entries) {
    double sum = 0;
    for (const auto& entry : entries) sums_.push_back(sum += entry.share);
  }
  std::size_t at(double u) const {
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), u * sums_.back());
    return static_cast<std::size_t>(std::min(found, sums_.end() - 1) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

/// What jobs are: size, running time, request, queue, user.
class JobKinds {
 public:
  JobKinds(const JobLaw& law, const JobSynthesis& synthesis, std::uint64_t seed,
           std::string_view path)
      : law_(law),
        sizes_(sizes_up_to(law, synthesis.most_gpus, path)),
        size_table_(sizes_),
        queue_table_(law.queues),
        user_table_(law.users),
        size_draws_(seed, jobs_of(path), "size"),
        request_draws_(seed, jobs_of(path), "request"),
        owner_draws_(seed, jobs_of(path), "owner"),
        stem_(path.substr(path.rfind('/') + 1)) {
    for (const JobSizeClass& size : sizes_) requests_.emplace_back(size.requests);
  }

  RecordedJob job(std::uint64_t index) const {
    const auto [of_size, of_duration] = size_draws_.block(index);
    const std::size_t s = size_table_.at(unit_interval(of_size));
    const JobSizeClass& size = sizes_[s];
    RecordedJob job;
    job.name = fmt::format("{}-{:06}", stem_, index);
    job.gpus = size.gpus;
    job.running_time = std::chrono::seconds{size.duration_s.table.at(unit_interval(of_duration))};
    if (!size.requests.empty()) {
      const auto& request = size.requests[requests_[s].at(request_draws_.uniform(index))];
      job.gpu_milli = request.gpu_milli;
      job.cpu_milli = request.cpu_milli;
      job.memory = Bytes{request.memory_mib * kMiB};
    }
    const auto [of_queue, of_user] = owner_draws_.block(index);
    if (!law_.queues.empty())
      job.queue = law_.queues[queue_table_.at(unit_interval(of_queue))].name;
    if (!law_.users.empty()) job.user = law_.users[user_table_.at(unit_interval(of_user))].name;
    return job;
  }

 private:
  static std::vector<JobSizeClass> sizes_up_to(const JobLaw& law,
                                               std::optional<std::int32_t> most_gpus,
                                               std::string_view path) {
    std::vector<JobSizeClass> sizes;
    double shares = 0;
    for (const JobSizeClass& size : law.sizes) {
      if (most_gpus && size.gpus > *most_gpus) continue;
      sizes.push_back(size);
      shares += size.share;
    }
    if (shares == 0)
      throw ConfigError(Position{std::string(path)},
                        fmt::format("the law has no job of {} GPUs or fewer; its smallest have {}.",
                                    most_gpus.value_or(0), law.sizes.front().gpus));
    return sizes;
  }

  const JobLaw& law_;
  std::vector<JobSizeClass> sizes_;
  ShareTable size_table_;
  ShareTable queue_table_;
  ShareTable user_table_;
  std::vector<ShareTable> requests_;  ///< by size
  RandomStream size_draws_;
  RandomStream request_draws_;
  RandomStream owner_draws_;
  std::string stem_;
};

}  // namespace

std::vector<RecordedJob> draw_jobs(const JobLaw& law, const JobSynthesis& synthesis,
                                   std::uint64_t seed, std::string_view path) {
  PLIMSOLL_ASSERT(synthesis.jobs || synthesis.horizon, "nothing says where the jobs end");
  SubmissionTimes times(law.arrivals, synthesis, seed, path);
  const JobKinds kinds(law, synthesis, seed, path);
  std::vector<RecordedJob> jobs;
  while (!synthesis.jobs || std::cmp_less(jobs.size(), *synthesis.jobs)) {
    const auto at = times.next();
    if (!at && synthesis.horizon) break;
    if (!at)
      throw ConfigError(
          Position{std::string(path)},
          fmt::format("{} jobs at this rate take more than 31 years to come.", *synthesis.jobs));
    jobs.push_back(kinds.job(jobs.size()));
    jobs.back().submitted_at = SimTime{Duration{static_cast<std::int64_t>(*at * 1e9)}};
  }
  return jobs;
}

std::vector<JobSpec> synthesize_jobs(const JobLaw& law, const JobSynthesis& synthesis,
                                     const JobTraceContext& context, std::uint64_t seed,
                                     std::string_view path) {
  return job_specs(draw_jobs(law, synthesis, seed, path), context.gpus_per_node, context.layout,
                   context.allowed);
}

}  // namespace plimsoll
