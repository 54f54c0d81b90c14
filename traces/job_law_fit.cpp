#include "traces/job_law_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <filesystem>
#include <map>
#include <tuple>
#include <utility>

#include "core/assert.hpp"
#include "traces/arrival_fit.hpp"
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::size_t kMostRequests = 1000;

/// gpu_milli, cpu_milli, memory_mib.
using Request = std::tuple<std::int32_t, std::int64_t, std::int64_t>;

struct JobsOfSize {
  std::vector<std::int32_t> duration_s;
  std::map<Request, std::int64_t> requests;
};

/// To 7 decimals, so that what a file says is what was fitted.
double share(std::size_t part, std::size_t all) {
  return std::floor(static_cast<double>(part) / static_cast<double>(all) * 1e7 + 0.5) / 1e7;
}

std::int32_t whole_seconds(Duration time) {
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(to_seconds(time)), 1.0, 1e9));
}

std::vector<NamedShare> shares_of(const std::map<std::string, std::size_t>& counts,
                                  std::size_t all) {
  if (counts.size() == 1 && counts.begin()->first.empty()) return {};
  std::vector<NamedShare> shares;
  for (const auto& [name, count] : counts) shares.push_back({name, share(count, all)});
  return shares;
}

JobSizeClass size_class(std::int32_t gpus, JobsOfSize jobs, std::size_t all,
                        const Position& place) {
  const std::size_t count = jobs.duration_s.size();
  JobSizeClass size{gpus, share(count, all), fit_table(std::move(jobs.duration_s)), {}};
  if (jobs.requests.size() > kMostRequests)
    throw ConfigError(place, fmt::format("jobs of {} GPUs ask for {} different amounts of CPU and "
                                         "memory; a law holds up to {}.",
                                         gpus, jobs.requests.size(), kMostRequests));
  const bool gpus_only =
      jobs.requests.size() == 1 && jobs.requests.begin()->first == Request{kWholeGpu, 0, 0};
  if (gpus_only) return size;
  for (const auto& [request, of_request] : jobs.requests) {
    const auto [gpu_milli, cpu_milli, memory_mib] = request;
    size.requests.push_back(
        {gpu_milli, cpu_milli, memory_mib, share(static_cast<std::size_t>(of_request), count)});
  }
  return size;
}

/// What the fit needs of a job that was read as a gang.
RecordedJob recorded(const JobSpec& spec, const TraceSource& source, const Position& at) {
  if (!spec.user_estimate)
    throw ConfigError(
        at, fmt::format("jobs of the format {} have no recorded running time.", source.format));
  RecordedJob job;
  job.queue = spec.queue;
  job.user = spec.user;
  job.submitted_at = spec.submitted_at;
  job.running_time = *spec.user_estimate;
  job.gpus = 0;
  for (const SubGang& part : spec.gang) {
    job.gpus += part.workers * part.each.gpus;
    job.cpu_milli += part.workers * part.each.cpu_milli;
    job.memory = Bytes{job.memory.count() + part.workers * part.each.memory.count()};
    job.gpu_milli = part.each.gpu_milli;
  }
  return job;
}

}  // namespace

JobLaw fit_jobs(std::span<const RecordedJob> jobs, const Position& place) {
  PLIMSOLL_ASSERT(!jobs.empty(), "no job to fit a law to");
  std::vector<double> submitted_s;
  std::map<std::int32_t, JobsOfSize> sizes;
  std::map<std::string, std::size_t> queues, users;
  for (const RecordedJob& job : jobs) {
    submitted_s.push_back(to_seconds(job.submitted_at));
    JobsOfSize& size = sizes[job.gpus];
    size.duration_s.push_back(whole_seconds(job.running_time));
    ++size.requests[{job.gpu_milli, job.cpu_milli, (job.memory.count() + kMiB - 1) / kMiB}];
    ++queues[job.queue];
    ++users[job.user];
  }
  std::sort(submitted_s.begin(), submitted_s.end());
  JobLaw law;
  law.jobs = static_cast<std::int64_t>(jobs.size());
  law.arrivals = fit_arrivals(submitted_s);
  for (auto& [gpus, of_size] : sizes)
    law.sizes.push_back(size_class(gpus, std::move(of_size), jobs.size(), place));
  law.queues = shares_of(queues, jobs.size());
  law.users = shares_of(users, jobs.size());
  return law;
}

JobLaw fit_job_trace(const TraceSource& source, const Position& at, const std::string& output) {
  JobTraceContext context;
  context.gpus_per_node = 1 << 20;  // a job is one worker, whatever its size
  const auto specs = read_job_trace(source, context, at);
  std::vector<RecordedJob> jobs;
  for (const JobSpec& spec : specs) jobs.push_back(recorded(spec, source, at));
  JobLaw law = fit_jobs(jobs, Position{source.path});
  const std::string name = std::filesystem::path(source.path).filename().string();
  const std::string output_name = std::filesystem::path(output).filename().string();
  law.source = name;
  law.attribution = builtin_job_trace_formats().find(source.format)->attribution;
  law.command =
      fmt::format("plimsoll trace fit-jobs {}:{} --output {}", source.format, name, output_name);
  return law;
}

}  // namespace plimsoll
