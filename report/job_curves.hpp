// What the charts of jobs draw: completion and queueing times, and the use of GPUs over time, thinned to what a screen
// can show.
#pragma once

#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll::report {

/// Seconds at each of cdf_shares() (report/curves.hpp), of finished jobs; empty lists where there are none.
struct JobTimeCurves {
  std::vector<double> jct_s;
  std::vector<double> queued_s;
};
JobTimeCurves job_time_curves(const JobTables& jobs, std::int64_t end_ns);

/// Row i stands for the time from row i - 1 (or the start) to time_s[i], all rows for equally long: means over it.
struct JobTimeLine {
  std::vector<double> time_s;
  std::vector<double> allocated;   ///< GPUs, shares of them as what they are
  std::vector<double> fragmented;  ///< GPUs: free, but of no use to the next job's typical worker
  std::vector<double> pending_gpus;
  std::vector<double> running;  ///< jobs
  std::vector<double> pending;  ///< jobs
  std::vector<double> allocated_usd_per_day;
  std::vector<double> fragmented_usd_per_day;
};
JobTimeLine job_time_line(const JobTables& jobs, std::int64_t end_ns, std::size_t rows);

}  // namespace plimsoll::report
