// The anchor of a deployment from two measured kinds of steps, and which measured rows these are.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "workloads/serving_deployment.hpp"
#include "workloads/step_time/anchor.hpp"

namespace plimsoll {

/// Rows that make up the two points that a deployment is anchored to.
using AnchorRows = std::array<std::vector<std::size_t>, 2>;

/// The rows at the 20th and at the 80th percentile of the loads that occur (however often each does), and those next to
/// them in order of load up to a twentieth of all rows each. Needs three rows, so that one is left to score.
AnchorRows anchor_rows(const std::vector<double>& loads);

/// A kind of step: its time as measured, and as a deployment's model has it.
struct MeasuredStep {
  double measured_s = 0;  ///< > 0
  std::function<double(const ServingDeployment&)> predicted_s;
};

/// What the two steps tell of.
enum class AnchoredWork {
  decode,
  prefill,
  launched_prefill,  ///< by a host that works beside the GPU: the slower of both counts
};

/// The anchor at which the model meets both steps; `deploy` builds the deployment under an anchor. Decode and prefill:
/// scale of that work and offset per step, by Newton's method; where no offset of at least `least_offset` does, or the
/// two steps are alike, the offset stays at that bound or at 0, and the scale errs by the same factor on both. Launched
/// prefill: the scale of the longer step, and the time of the shorter one as the least that such a step takes.
Anchor anchor_to_steps(const std::function<ServingDeployment(const Anchor&)>& deploy,
                       AnchoredWork work, const std::array<MeasuredStep, 2>& steps,
                       Seconds least_offset);

}  // namespace plimsoll
