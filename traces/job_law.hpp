// A law of batch jobs: when they come, how large they are, how long they run. Fitted to a trace, or built from
// published statistics, and kept as a YAML file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "hardware/resource_request.hpp"
#include "traces/fitted_table.hpp"

namespace plimsoll {

inline constexpr std::size_t kHoursPerDay = 24;
inline constexpr std::size_t kDaysPerWeek = 7;
inline constexpr std::size_t kMostDayRates = 64;

/// Submissions are a renewal process under a rate that is constant for an hour: the mean rate times the hour's of the
/// day, the weekday's, the day's, which is drawn from `days`, and a gamma variate of the hour's own. All multipliers
/// are relative: only their ratios count. A run begins with hour 0 of weekday 0, where the trace did.
struct JobArrivals {
  double jobs_per_hour = 1;  ///< long-run mean, > 0
  double shape =
      1;  ///< of the gamma law between submissions, > 0; below 1 is burstier than Poisson
  double hour_cv = 0;            ///< coefficient of variation of the hour's own variate
  std::vector<double> hours;     ///< kHoursPerDay, or none: all alike
  std::vector<double> weekdays;  ///< kDaysPerWeek, or none
  std::vector<double> days;      ///< equally likely, up to kMostDayRates, or none

  friend bool operator==(const JobArrivals&, const JobArrivals&) = default;
};

/// What some of the jobs of a size ask for besides GPUs.
struct JobRequestClass {
  std::int32_t gpu_milli = kWholeGpu;  ///< of each GPU; below kWholeGpu only of one
  std::int64_t cpu_milli = 0;          ///< of the whole job
  std::int64_t memory_mib = 0;         ///< likewise
  double share = 1;                    ///< relative

  friend bool operator==(const JobRequestClass&, const JobRequestClass&) = default;
};

/// Jobs of one number of GPUs.
struct JobSizeClass {
  std::int32_t gpus = 1;
  double share = 1;                       ///< of the jobs, relative
  FittedTable duration_s;                 ///< whole seconds
  std::vector<JobRequestClass> requests;  ///< none: GPUs only

  friend bool operator==(const JobSizeClass&, const JobSizeClass&) = default;
};

/// A queue or a user.
struct NamedShare {
  std::string name;
  double share = 1;  ///< of the jobs, relative

  friend bool operator==(const NamedShare&, const NamedShare&) = default;
};

struct JobLaw {
  std::string source;       ///< what the numbers are from
  std::string attribution;  ///< what its licence asks to be said; may be empty
  std::string command;      ///< that fits the file again; may be empty
  std::int64_t jobs = 0;    ///< in the data; 0: not stated
  JobArrivals arrivals;
  std::vector<JobSizeClass> sizes;  ///< by number of GPUs, ascending; not empty
  std::vector<NamedShare> queues;   ///< none: the jobs name no queue
  std::vector<NamedShare> users;

  friend bool operator==(const JobLaw&, const JobLaw&) = default;
};

/// Of the law's jobs: GPUs times seconds per job, and GPUs per job, in the mean. Without those above `most_gpus`.
struct JobLawMeans {
  double gpus = 0;
  double duration_s = 0;
  double gpu_seconds = 0;
};
JobLawMeans means_of(const JobLaw& law, std::int32_t most_gpus);

/// Throws ConfigError with all faults of the file.
JobLaw read_job_law(const std::string& path);
/// Throws IoError; the file appears whole or not at all.
void write_job_law(const JobLaw& law, const std::string& path);

}  // namespace plimsoll
