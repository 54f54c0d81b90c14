// What the charts draw: latency distributions and the course of a pool over time, thinned to what a screen can show.
#pragma once

#include <cstdint>
#include <vector>

#include "results/pool_tally.hpp"
#include "results/run_facts.hpp"

namespace plimsoll::report {

/// The shares at which a distribution is drawn: from 0 to 1, denser beyond 0.99.
std::vector<double> cdf_shares();

/// Latencies in seconds at each of cdf_shares(), to 0.1 %; empty lists where there is no value.
struct LatencyCurves {
  std::vector<double> ttft_s;
  std::vector<double> itl_s;
  std::vector<double> tpot_s;
  std::vector<double> e2e_s;
};
LatencyCurves latency_curves(const PoolTally& tally);

/// Row i stands for the time from row i - 1 (or the start) to time_s[i]: rates and utilization over that time, states
/// as the mean of the samples in it.
struct TimeLine {
  std::vector<double> time_s;
  std::vector<double> arrived_per_s;
  std::vector<double> completed_per_s;
  std::vector<double> queued;        ///< requests
  std::vector<double> running;       ///< requests
  std::vector<double> transferring;  ///< requests
  std::vector<double> utilization_share;
  std::vector<double> kv_use_share;
};
TimeLine time_line(const PoolFacts& pool, std::size_t max_rows);

}  // namespace plimsoll::report
