#include "traces/job_traces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "traces/measurements/measurement_table.hpp"
#include "workloads/job_fixed_time.hpp"
#include "workloads/job_gang.hpp"

namespace plimsoll {

namespace {

constexpr double kMostSeconds = 1e9;  // 31 years: more is a wrong unit
constexpr double kMostGpus = 1e6;

Duration seconds(const MeasurementTable& table, std::size_t column) {
  const double value = table.not_negative(column);
  if (value > kMostSeconds) table.refuse(column, "is more than 1e9 seconds");
  return from_seconds(value);
}

std::int32_t gpus_of(const MeasurementTable& table, std::size_t column) {
  const double value = table.whole(column, 1);
  if (value > kMostGpus) table.refuse(column, "is more GPUs than any cluster has");
  return static_cast<std::int32_t>(value);
}

/// Names of columns; empty: the format has none.
struct Columns {
  std::string_view name;
  std::string_view queue;
  std::string_view gpus;
  std::string_view submitted;
  std::string_view duration;
};

/// `submitted(table, column)` reads the time of submission.
template <class Submitted>
std::vector<RecordedJob> read_jobs(const std::string& path, const Columns& names,
                                   Submitted&& submitted) {
  MeasurementTable table(path);
  std::vector<std::string_view> wanted{names.gpus, names.submitted, names.duration};
  for (const std::string_view optional : {names.name, names.queue}) {
    if (!optional.empty()) wanted.push_back(optional);
  }
  const auto columns = table.columns(wanted);
  std::vector<RecordedJob> jobs;
  table.each_row([&] {
    RecordedJob& job = jobs.emplace_back();
    job.gpus = gpus_of(table, columns[0]);
    job.submitted_at = submitted(table, columns[1]);
    job.running_time = seconds(table, columns[2]);
    std::size_t next = 3;
    job.name = names.name.empty() ? fmt::format("row-{}", jobs.size())
                                  : std::string(table.text(columns[next++]));
    if (!names.queue.empty()) job.queue = table.text(columns[next]);
  });
  if (jobs.empty()) throw ConfigError({path}, "has a header but no row; a trace needs a job.");
  return jobs;
}

SimTime since_zero(const MeasurementTable& table, std::size_t column) {
  return SimTime{seconds(table, column)};
}

/// "2017-10-09 07:01:55", as seconds since 1970.
SimTime calendar_time(const MeasurementTable& table, std::size_t column) {
  const std::string text(table.text(column));
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int read = 0;
  const int fields = std::sscanf(text.c_str(), "%4d-%2u-%2u %2u:%2u:%2u%n", &year, &month, &day,
                                 &hour, &minute, &second, &read);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  const bool whole = fields == 6 && read == static_cast<int>(text.size()) && date.ok() &&
                     year >= 1970 && year < 2200 && hour < 24 && minute < 60 && second < 60;
  if (!whole) table.refuse(column, "is no time like 2017-10-09 07:01:55");
  const auto at = std::chrono::sys_days{date} + std::chrono::hours{hour} +
                  std::chrono::minutes{minute} + std::chrono::seconds{second};
  return SimTime{at.time_since_epoch()};
}

}  // namespace

std::vector<RecordedJob> read_helios_jobs(const std::string& path) {
  return read_jobs(path, {"job_id", "vc", "gpu_num", "submit_time", "duration"}, since_zero);
}

std::vector<RecordedJob> read_tiresias_jobs(const std::string& path) {
  return read_jobs(path, {"job_id", "", "num_gpu", "submit_time", "duration"}, since_zero);
}

std::vector<RecordedJob> read_pai_jobs(const std::string& path) {
  return read_jobs(path, {"", "", "cpus", "arrival_time", "length"}, since_zero);
}

std::vector<RecordedJob> read_philly_jobs(const std::string& path) {
  auto jobs = read_jobs(path, {"", "cluster", "num_gpus", "timestamp", "duration"}, calendar_time);
  SimTime first = kNever;
  for (const RecordedJob& job : jobs) first = std::min(first, job.submitted_at);
  for (RecordedJob& job : jobs) job.submitted_at = SimTime{job.submitted_at - first};
  return jobs;
}

std::vector<SubGang> gang_of(const RecordedJob& job, std::int32_t gpus_per_node, GangLayout layout,
                             GpuKinds allowed) {
  if (job.gpus == 0) return {SubGang{1, {job.cpu_milli, job.memory, 0}}};
  auto gang = layout == GangLayout::scattered ? scattered_gang(job.gpus)
                                              : consolidated_gang(job.gpus, gpus_per_node);
  for (SubGang& part : gang) {
    const auto share = [&](std::int64_t all) {
      return (all * part.each.gpus + job.gpus - 1) / job.gpus;
    };
    part.each.cpu_milli = share(job.cpu_milli);
    part.each.memory = Bytes{share(job.memory.count())};
    part.each.gpu_milli = job.gpu_milli;
    part.each.gpu_kinds = allowed;
  }
  return gang;
}

std::vector<JobSpec> job_specs(const std::vector<RecordedJob>& jobs, std::int32_t gpus_per_node,
                               GangLayout layout, GpuKinds allowed) {
  std::vector<JobSpec> specs;
  specs.reserve(jobs.size());
  for (const RecordedJob& job : jobs) {
    JobSpec& spec = specs.emplace_back();
    spec.name = job.name;
    spec.queue = job.queue;
    spec.user = job.user;
    spec.priority = job.priority;
    spec.submitted_at = job.submitted_at;
    spec.gang = gang_of(job, gpus_per_node, layout, allowed);
    spec.model = std::make_shared<FixedTimeJob>(job.running_time);
    spec.user_estimate = job.running_time;
  }
  return specs;
}

}  // namespace plimsoll
