// Jobs drawn from a law.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "traces/job_law.hpp"
#include "traces/job_trace_formats.hpp"
#include "traces/job_traces.hpp"

namespace plimsoll {

/// How much of a law is wanted: `jobs`, `horizon` or both must say where it ends.
struct JobSynthesis {
  std::optional<double> jobs_per_hour;    ///< in place of the law's, > 0
  std::optional<std::int64_t> jobs;       ///< ends after so many
  std::optional<Duration> horizon;        ///< no job at or after it
  std::optional<std::int32_t> most_gpus;  ///< larger jobs are never drawn
  bool steady = false;  ///< leaves out what tells days apart: weekdays and rates of days
};

/// Jobs in order of time, named "<last part of path>-000000" on. What a job gets is drawn by its index, the rate of an
/// hour or day by its own, from streams of `path`: no draw depends on another path's, nor a job's size on the rate.
/// Throws ConfigError, naming `path`, where the law has no job of up to most_gpus, or the jobs would take 31 years.
std::vector<RecordedJob> draw_jobs(const JobLaw& law, const JobSynthesis& synthesis,
                                   std::uint64_t seed, std::string_view path);

/// The same, as jobs that run so long on such a cluster.
std::vector<JobSpec> synthesize_jobs(const JobLaw& law, const JobSynthesis& synthesis,
                                     const JobTraceContext& context, std::uint64_t seed,
                                     std::string_view path);

}  // namespace plimsoll
