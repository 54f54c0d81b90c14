// What the simulator says of the runs of the prefill:decode sweep.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "planner/disaggregated_trial.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/ratio_rows.hpp"

namespace plimsoll {

/// What two measured runs say of a deployment: factors of what its step times and its hand-over say without them.
struct RatioAnchor {
  double decode = 1;  ///< of a step of decoding
  double context =
      1;  ///< of what contexts add to it, on top: another attention kernel than the measured one
  double prefill = 1;    ///< of a step of prompts
  double handshake = 1;  ///< of the time until a transfer begins
};

/// A row as the models see it, in the units of its row.
struct RatioTimes {
  double ttft_ms = 0;
  double tpot_ms = 0;
  double tokens_per_s = 0;
};

/// The set-up that the benchmark's page documents: two GPUs a worker, four workers of SGLang 0.5, requests dealt to
/// prefill and decode workers in turn (`--policy round_robin`). Where there are two workers, each is taken to have
/// four of the eight GPUs.
DisaggregatedWorkers deploy_ratio(Deployer& deployer, const RatioRow& row);

/// The runs of a session, one after the other on the same servers, each after the single request that the benchmark
/// sends first. Times by run.
std::vector<RatioTimes> simulate_session(const DisaggregatedWorkers& workers,
                                         const RatioAnchor& anchor,
                                         std::span<const RatioRow* const> runs,
                                         const SharedPrompts& shared);

}  // namespace plimsoll
