// Fits a law of jobs to a trace of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "traces/job_law.hpp"
#include "traces/job_traces.hpp"
#include "traces/trace_source.hpp"

namespace plimsoll {

/// The law's figures, text fields left empty; the same for the same jobs. Of the arrivals, the mean rate, hours,
/// weekdays (from four weeks on) and days are relative counts; `shape` is the maximum-likelihood shape of the gaps
/// within an hour, which are measured in that hour's mean gap and to half a second at the finest; `hour_cv` is what
/// then remains of the variance of hourly counts. `jobs` is not empty. Throws ConfigError, with `place`, for more than
/// 1,000 different requests of one size.
JobLaw fit_jobs(std::span<const RecordedJob> jobs, const Position& place);

/// Reads a trace of jobs with recorded running times, fits it and says so in the text fields, as `plimsoll trace
/// fit-jobs <source> --output <output>` does. ConfigErrors are those of read_job_trace.
JobLaw fit_job_trace(const TraceSource& source, const Position& at, const std::string& output);

}  // namespace plimsoll
