// Prefill and decode replicas under load: what a benchmark of a disaggregated deployment does to a real one.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/serving_trial.hpp"
#include "workloads/kv_link.hpp"

namespace plimsoll {

/// As run_trial, on `prefill_workers` replicas of one deployment and `decode_workers` of the other behind one gateway:
/// a request goes to the prefill replica, and after its prefill to the decode replica, with the fewest requests in
/// flight. TTFT holds the transfer of the KV cache and the wait for room on the decode side (sim/kv_transfers.hpp).
/// The network but `link` is free of time. Throws ConfigError on a request longer than either deployment serves, on
/// fewer than one worker of a kind and on KV blocks of different sizes.
std::vector<TrialOutcome> run_disaggregated_trial(const ServingDeployment& prefill,
                                                  std::int32_t prefill_workers,
                                                  const ServingDeployment& decode,
                                                  std::int32_t decode_workers, const KvLink& link,
                                                  const std::vector<TrialRequest>& requests,
                                                  std::int32_t concurrency);

}  // namespace plimsoll
