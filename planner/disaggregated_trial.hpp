// Prefill and decode replicas under load: what a benchmark of a disaggregated deployment does to a real one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "planner/serving_trial.hpp"
#include "workloads/kv_link.hpp"

namespace plimsoll {

/// Prefill replicas of one deployment and decode replicas of the other behind one gateway. The network but `link` is
/// free of time.
struct DisaggregatedWorkers {
  ServingDeployment prefill;
  std::int32_t prefill_workers = 1;
  ServingDeployment decode;
  std::int32_t decode_workers = 1;
  KvLink link{};
  /// Requests go to the workers of a kind in turn; else to the one with the fewest in flight.
  bool in_turn = false;
};

/// A benchmark run: as the arguments of run_trial.
struct TrialRun {
  std::vector<TrialRequest> requests;
  std::int32_t concurrency = 1;
};

/// As run_trial, on prefill and decode workers. TTFT holds the transfer of the KV cache and the wait for room on the
/// decode side (sim/kv_transfers.hpp). Throws ConfigError on a request longer than either deployment serves, on fewer
/// than one worker of a kind and on KV blocks of different sizes.
std::vector<TrialOutcome> run_disaggregated_trial(const DisaggregatedWorkers& workers,
                                                  const std::vector<TrialRequest>& requests,
                                                  std::int32_t concurrency);

/// Several runs, one after the other, on the same workers: each finds in the prefix caches what those before it left.
/// Outcomes by run and request.
std::vector<std::vector<TrialOutcome>> run_disaggregated_trials(
    const DisaggregatedWorkers& workers, std::span<const TrialRun> runs,
    std::shared_ptr<const PrefixBlocks> blocks = nullptr);

}  // namespace plimsoll
