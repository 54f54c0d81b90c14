// Fits of anchors to load points: truth is found again, noise is weighed, few points suffice.
#include "planner/calibration/anchor_fit.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/planner/anchored_law.hpp"

using namespace plimsoll;

namespace {

Anchor true_anchor() {
  Anchor anchor;
  anchor.decode_scale = 1.12;
  anchor.prefill_scale = 0.8;
  anchor.step_offset = Seconds{0.6e-3};
  anchor.front_end = Seconds{9e-3};
  anchor.front_end_per_token = Seconds{2e-6};
  return anchor;
}

std::vector<TrialRequest> requests_of(std::int32_t prompt, std::int32_t output,
                                      std::uint64_t seed) {
  const RandomStream draw(seed, "tests/anchor", "requests");
  std::vector<TrialRequest> requests;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto vary = [&](std::int32_t mean, std::uint64_t lane) {
      return mean - mean / 10 +
             static_cast<std::int32_t>(
                 below(static_cast<std::uint32_t>(mean / 5 + 1), draw.bits(i, lane)));
    };
    requests.push_back({vary(prompt, 0), vary(output, 1), {}});
  }
  return requests;
}

/// What `anchor` would measure, times exp(noise).
LoadPoint measured(const Anchor& anchor, std::int32_t prompt, std::int32_t concurrency,
                   double noise = 0) {
  LoadPoint point;
  point.requests = requests_of(prompt, 150, static_cast<std::uint64_t>(concurrency));
  point.concurrency = concurrency;
  const TrialSummary trial = summarize(
      point.requests, run_trial(anchored_deployment(anchor), point.requests, concurrency));
  point.ttft_s = trial.mean_ttft_s * std::exp(noise);
  point.tpot_s = trial.mean_tpot_s * std::exp(noise);
  return point;
}

double error_at(const Anchor& fitted, const Anchor& truth, std::int32_t prompt,
                std::int32_t concurrency, bool ttft) {
  const LoadPoint point = measured(truth, prompt, concurrency);
  const TrialSummary trial = summarize(
      point.requests, run_trial(anchored_deployment(fitted), point.requests, concurrency));
  return ttft ? trial.mean_ttft_s / point.ttft_s - 1 : trial.mean_tpot_s / point.tpot_s - 1;
}

}  // namespace

TEST_CASE("an anchor fitted to many load points is the one that made them", "[planner][anchor]") {
  std::vector<LoadPoint> points;
  for (const std::int32_t concurrency : {1, 4, 16, 64})
    for (const std::int32_t prompt : {200, 4000})
      points.push_back(measured(true_anchor(), prompt, concurrency));
  AnchorPrior prior;
  prior.ttft_noise = 0.01;
  prior.tpot_noise = 0.0025;
  const AnchorFit fit = fit_anchor(anchored_deployment, points, prior);
  CHECK(fit.anchor.decode_scale == Approx(1.12).epsilon(0.01));
  CHECK(fit.anchor.prefill_scale == Approx(0.8).epsilon(0.02));
  CHECK(fit.anchor.step_offset.count() == Approx(0.6e-3).epsilon(0.15));
  CHECK(fit.anchor.front_end.count() == Approx(9e-3).epsilon(0.15));
  CHECK(fit.anchor.points == 8);
  CHECK(fit.tpot_error < 0.005);
  CHECK(fit.ttft_error < 0.02);
  for (const AnchoredPoint& point : fit.points) CHECK(std::abs(point.tpot_error) < 0.005);
}

TEST_CASE("two load points carry over to the loads between and beyond", "[planner][anchor]") {
  const std::vector<LoadPoint> points{measured(true_anchor(), 1000, 2),
                                      measured(true_anchor(), 1000, 64)};
  const AnchorFit fit = fit_anchor(anchored_deployment, points);
  CHECK(fit.evaluations <= 30);
  for (const std::int32_t concurrency : {1, 8, 32, 128}) {
    INFO("concurrency " << concurrency);
    CHECK(std::abs(error_at(fit.anchor, true_anchor(), 1000, concurrency, false)) < 0.02);
    CHECK(std::abs(error_at(fit.anchor, true_anchor(), 1000, concurrency, true)) < 0.15);
    if (concurrency <= 32)
      CHECK(std::abs(error_at({}, true_anchor(), 1000, concurrency, false)) > 0.04);
  }
}

TEST_CASE("one load point moves the anchor only where it tells something", "[planner][anchor]") {
  LoadPoint point = measured(true_anchor(), 1000, 16);
  point.ttft_s = std::numeric_limits<double>::quiet_NaN();
  const AnchorFit fit = fit_anchor(anchored_deployment, std::vector{point});
  CHECK(fit.evaluations <= 12);
  CHECK(std::abs(fit.points[0].tpot_error) < 0.01);
  CHECK(fit.anchor.front_end.count() == 0);
  CHECK(fit.anchor.front_end_per_token.count() == 0);
  CHECK(std::isnan(fit.points[0].ttft_error));
  CHECK(std::isnan(fit.ttft_error));
  // Left out, nothing remains but the prior: the error of the deployment without an anchor.
  const double unanchored = error_at({}, true_anchor(), 1000, 16, false);
  CHECK(fit.points[0].held_out_tpot_error == Approx(unanchored).margin(0.03));
}

TEST_CASE("a deployment that is right needs no anchor", "[planner][anchor]") {
  const std::vector<LoadPoint> points{measured({}, 500, 2), measured({}, 500, 32)};
  const AnchorFit fit = fit_anchor(anchored_deployment, points);
  CHECK(fit.anchor.decode_scale == Approx(1).epsilon(1e-9));
  CHECK(fit.anchor.prefill_scale == Approx(1).epsilon(1e-9));
  CHECK(fit.anchor.step_offset.count() == 0);
  CHECK(fit.tpot_error == Approx(0).margin(1e-9));
}

TEST_CASE("noise of the measurements does not run away with the anchor", "[planner][anchor]") {
  std::vector<LoadPoint> points;
  const double noise[] = {0.03, -0.04, 0.02, -0.01, 0.04, -0.03};
  std::size_t i = 0;
  for (const std::int32_t concurrency : {1, 2, 8, 16, 32, 64})
    points.push_back(measured(true_anchor(), 1000, concurrency, noise[i++]));
  const AnchorFit fit = fit_anchor(anchored_deployment, points);
  CHECK(std::abs(error_at(fit.anchor, true_anchor(), 1000, 24, false)) < 0.03);
  CHECK(fit.tpot_error > 0.01);  // and the fit says so
  CHECK(fit.tpot_error < 0.08);
}

TEST_CASE("an anchor keeps to what the prior allows", "[planner][anchor]") {
  Anchor faster;
  faster.step_offset = Seconds{-2e-3};
  const std::vector<LoadPoint> points{measured(faster, 1000, 1), measured(faster, 1000, 64)};
  AnchorPrior prior;
  CHECK(fit_anchor(anchored_deployment, points, prior).anchor.step_offset.count() == 0);
  prior.least_step_offset = Seconds{-0.7e-3};
  CHECK(fit_anchor(anchored_deployment, points, prior).anchor.step_offset.count() ==
        Approx(-0.7e-3));
  prior.least_step_offset = Seconds{-3e-3};
  CHECK(fit_anchor(anchored_deployment, points, prior).anchor.step_offset.count() ==
        Approx(-2e-3).epsilon(0.2));
  prior.step_offset = Seconds{0};
  prior.log_prefill_scale = 0;
  const AnchorFit fit = fit_anchor(anchored_deployment, points, prior);
  CHECK(fit.anchor.step_offset.count() == 0);
  CHECK(fit.anchor.prefill_scale == 1);
  CHECK(fit.anchor.decode_scale < 0.9);
}

TEST_CASE("medians are fitted as medians", "[planner][anchor]") {
  LoadPoint point = measured(true_anchor(), 1000, 16);
  const TrialSummary trial =
      summarize(point.requests, run_trial(anchored_deployment(true_anchor()), point.requests, 16));
  point.statistic = Statistic::median;
  point.ttft_s = trial.median_ttft_s;
  point.tpot_s = trial.median_tpot_s;
  const AnchorFit fit = fit_anchor(anchored_deployment, std::vector{point});
  CHECK(std::abs(fit.points[0].tpot_error) < 0.01);
  CHECK(fit.points[0].tpot_s == Approx(trial.median_tpot_s).epsilon(0.01));
}

TEST_CASE("load points without requests or measurements are refused by name", "[planner][anchor]") {
  const auto message = [](std::vector<LoadPoint> points) -> std::string {
    try {
      fit_anchor(anchored_deployment, points);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message({}).find("no load point") != std::string::npos);
  LoadPoint point = measured({}, 100, 1);
  point.name = "bench.json";
  LoadPoint bad = point;
  bad.tpot_s = -0.01;
  CHECK(message({point, bad}).find("bench.json: TPOT = -0.01 s") != std::string::npos);
  bad = point;
  bad.ttft_s = bad.tpot_s = std::numeric_limits<double>::quiet_NaN();
  CHECK(message({bad}).find("neither") != std::string::npos);
  bad = point;
  for (TrialRequest& request : bad.requests) request.output_tokens = 1;
  CHECK(message({bad}).find("no request has two output tokens") != std::string::npos);
  bad.requests.clear();
  CHECK(message({bad}).find("no requests") != std::string::npos);
}
