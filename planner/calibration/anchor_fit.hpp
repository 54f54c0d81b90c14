// The anchor of a deployment from one or more measured load points: what its step times lack, fitted.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "planner/serving_trial.hpp"
#include "workloads/engine_profile.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll {

/// Which figure of its requests a measurement states.
enum class Statistic : std::uint8_t { mean, median };

/// A measured benchmark run: the requests that were sent, and what they saw. NaN: not measured.
struct LoadPoint {
  std::vector<TrialRequest> requests;
  std::int32_t concurrency = 1;  ///< as run_trial: 0 sends each request at its time
  double ttft_s = std::numeric_limits<double>::quiet_NaN();
  double tpot_s = std::numeric_limits<double>::quiet_NaN();
  Statistic statistic = Statistic::mean;
  std::string name{};  ///< for messages: a file, a row
};

/// How far an anchor may be expected from neutral (standard deviations; 0 keeps that one neutral), and how far a
/// measurement from the truth (of the logarithm). What is fitted is the most probable anchor under these.
struct AnchorPrior {
  double log_decode_scale = 0.15;
  double log_prefill_scale = 0.25;
  Seconds step_offset{1e-3};
  Seconds front_end{20e-3};
  Seconds front_end_per_token{5e-6};
  /// What the engine's own figures leave room for: the anchor takes no more than that away from them.
  Seconds least_step_offset{0};
  Seconds least_front_end{0};
  Seconds least_front_end_per_token{0};
  double ttft_noise = 0.08;
  double tpot_noise = 0.02;
};

/// The prior of deployments of that model on that engine: its anchor may take away all of the engine's own overhead and
/// front end, and no more.
AnchorPrior anchor_prior(const EngineProfile& engine, const ModelSpec& model);

/// A load point under the fitted anchor. Errors are predicted / measured - 1; NaN where nothing was measured.
struct AnchoredPoint {
  double concurrency = 0;    ///< mean requests in flight; of an open loop, under the model
  double prompt_tokens = 0;  ///< means
  double output_tokens = 0;
  double ttft_s = 0;  ///< predicted
  double tpot_s = 0;
  double ttft_error = 0;
  double tpot_error = 0;
  /// The same errors under the anchor of all other points, which is one step of the fit away.
  double held_out_ttft_error = 0;
  double held_out_tpot_error = 0;
};

struct AnchorFit {
  Anchor anchor;                      ///< its loads are those of the points
  std::vector<AnchoredPoint> points;  ///< as given
  double ttft_error = 0;  ///< median |held-out error| over the points; NaN: not measured
  double tpot_error = 0;
  std::int32_t evaluations = 0;  ///< trials that were run
};

/// Minimises the squared log errors of TTFT and TPOT plus the squared departures from neutral, each in units of the
/// prior: Levenberg-Marquardt; the Jacobian by finite differences once, then Broyden's rank-one updates. About ten
/// trials per point in all. `deploy` builds the deployment under an anchor; it is called once per anchor tried, the
/// neutral one first.
/// Throws ConfigError: no points, a point without requests or without a finite, positive measurement; and what `deploy`
/// and run_trial throw.
AnchorFit fit_anchor(const std::function<ServingDeployment(const Anchor&)>& deploy,
                     std::span<const LoadPoint> points, const AnchorPrior& prior = {});

}  // namespace plimsoll
