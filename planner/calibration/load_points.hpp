// From what a benchmark wrote down to what an anchor is fitted to, and from the fit to its file.
#pragma once

#include <vector>

#include "planner/calibration/anchor_fit.hpp"
#include "traces/measurements/benchmark_run.hpp"
#include "workloads/step_time/anchor_file.hpp"

namespace plimsoll {

/// Throws ConfigError: a request that the deployment does not serve.
LoadPoint load_point(const BenchmarkRun& run);

/// All runs of these files, in order; scrapes of a server's metrics count in pairs, each with the next. Throws
/// ConfigError as their readers do, and for a single scrape.
std::vector<BenchmarkRun> read_benchmarks(const std::vector<std::string>& paths);

/// The deployment that `spec` names, with everything that the fit says of it.
AnchorFile anchor_file(const ServingSpec& spec, const std::vector<BenchmarkRun>& runs,
                       const AnchorFit& fit);

}  // namespace plimsoll
