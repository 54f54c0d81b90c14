// The anchor of one deployment of the prefill:decode sweep.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "planner/validation/ratio_model.hpp"

namespace plimsoll {

/// A deployment of the sweep: one ratio of workers. Its sessions hold pointers to its rows.
struct RatioDeployment {
  DisaggregatedWorkers workers;
  std::vector<std::vector<const RatioRow*>> sessions;
};

/// The two runs that a deployment is anchored to, chosen by load alone: of those with the middle number of clients, the
/// one with the shortest prompts and the one with the longest (of equals: answers). None where fewer than 3 runs are
/// complete, so that something is left to score.
std::optional<std::array<const RatioRow*, 2>> ratio_anchors(const RatioDeployment& deployment);

/// Fitted to the three figures of both runs, by least squares of logarithms with priors at 1 (standard deviations 0.15
/// decode, 0.4 context, 0.25 prefill, 0.4 handshake; of the measurements 0.05 rate, 0.03 TPOT, 0.15 TTFT).
RatioAnchor fit_ratio_anchor(const RatioDeployment& deployment,
                             const std::array<const RatioRow*, 2>& anchors,
                             const SharedPrompts& shared);

}  // namespace plimsoll
