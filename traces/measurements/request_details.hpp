// What benchmark clients tell of each request, as a run.
#pragma once

#include <vector>

#include "traces/measurements/benchmark_run.hpp"
#include "traces/measurements/json_place.hpp"

namespace plimsoll {

inline constexpr double kSecondsPerMillisecond = 1e-3;

/// A request that completed.
struct RequestDetail {
  BenchmarkRequest request;
  double ttft_s = 0;
  double tpot_s = 0;  ///< of two output tokens or more
};

/// Adds them to the run, in the order of their starts, and their means; the first one starts at 0.
void take_details(std::vector<RequestDetail> details, BenchmarkRun& run);

/// Refuses a place that tells of too few requests for a fit.
void require_enough(const BenchmarkRun& run, const JsonPlace& place);

}  // namespace plimsoll
