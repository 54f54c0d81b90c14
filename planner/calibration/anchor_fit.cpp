// The fit runs in units of the prior: u = (parameter - neutral) / width, so that the prior's own residual is u.
#include "planner/calibration/anchor_fit.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

constexpr int kParameters = 5;
using Parameters = Eigen::Matrix<double, kParameters, 1>;
using Jacobian = Eigen::Matrix<double, Eigen::Dynamic, kParameters>;

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();
/// Of finite differences. Wide: a request waits for the end of a step, so TTFT is a staircase over what comes before it
/// and over the steps' duration, and only secants over several stairs tell its slope.
constexpr double kProbe = 0.5;
constexpr double kSmallestStep = 0.02;  ///< below it the fit has arrived
constexpr int kMostSteps = 6;

void check(std::span<const LoadPoint> points) {
  if (points.empty()) throw ConfigError(Position{"anchor"}, "there is no load point to fit.");
  for (std::size_t i = 0; i < points.size(); ++i) {
    const LoadPoint& point = points[i];
    const Position at{point.name.empty() ? fmt::format("load point {}", i) : point.name};
    if (point.requests.empty()) throw ConfigError(at, "has no requests.");
    for (const auto& [name, value] : {std::pair{"TTFT", point.ttft_s}, {"TPOT", point.tpot_s}}) {
      if (!std::isnan(value) && !(value > 0 && std::isfinite(value)))
        throw ConfigError(at, fmt::format("{} = {} s; a measured time is above 0.", name, value));
    }
    if (std::isnan(point.ttft_s) && std::isnan(point.tpot_s))
      throw ConfigError(at, "measures neither TTFT nor TPOT.");
    const bool decodes = std::any_of(point.requests.begin(), point.requests.end(),
                                     [](const TrialRequest& r) { return r.output_tokens > 1; });
    if (!std::isnan(point.tpot_s) && !decodes)
      throw ConfigError(at, "states a TPOT, but no request has two output tokens.");
  }
}

/// Predictions of all points under one anchor, and their weighted log errors: TTFT and TPOT of each point in turn.
struct Evaluation {
  std::vector<TrialSummary> trials;
  Eigen::VectorXd residuals;
};

class AnchorProblem {
 public:
  AnchorProblem(const std::function<ServingDeployment(const Anchor&)>& deploy,
                std::span<const LoadPoint> points, const AnchorPrior& prior)
      : deploy_(deploy), points_(points), prior_(prior) {
    widths_ << prior.log_decode_scale, prior.log_prefill_scale, prior.step_offset.count(),
        prior.front_end.count(), prior.front_end_per_token.count();
    const bool any_ttft = std::any_of(points.begin(), points.end(),
                                      [](const LoadPoint& p) { return !std::isnan(p.ttft_s); });
    if (!any_ttft) widths_.tail<2>().setZero();  // nothing tells of the front end
    lowest_.head<2>().setConstant(-portable::log(10.0));
    lowest_.tail<3>() << prior.least_step_offset.count(), prior.least_front_end.count(),
        prior.least_front_end_per_token.count();
    highest_.setConstant(std::numeric_limits<double>::infinity());
    highest_.head<2>().setConstant(portable::log(10.0));
  }

  bool fitted(int parameter) const { return widths_[parameter] > 0; }
  double low(int parameter) const { return lowest_[parameter] / widths_[parameter]; }
  double high(int parameter) const { return highest_[parameter] / widths_[parameter]; }
  std::int32_t evaluations() const { return evaluations_; }

  Anchor anchor(const Parameters& u) const {
    const Parameters value = u.cwiseProduct(widths_);
    Anchor anchor;
    anchor.decode_scale = portable::exp(value[0]);
    anchor.prefill_scale = portable::exp(value[1]);
    anchor.step_offset = Seconds{value[2]};
    anchor.front_end = Seconds{value[3]};
    anchor.front_end_per_token = Seconds{value[4]};
    anchor.points = static_cast<std::int32_t>(points_.size());
    return anchor;
  }

  Evaluation at(const Parameters& u) { return at(u, points_); }

  /// Under one of the points alone.
  Evaluation at(const Parameters& u, std::span<const LoadPoint> points) {
    const ServingDeployment deployment = deploy_(anchor(u));
    Evaluation evaluation;
    evaluation.residuals.setZero(2 * static_cast<Eigen::Index>(points.size()));
    Eigen::Index row = 0;
    for (const LoadPoint& point : points) {
      const TrialSummary trial =
          summarize(point.requests, run_trial(deployment, point.requests, point.concurrency));
      const bool mean = point.statistic == Statistic::mean;
      const double ttft = mean ? trial.mean_ttft_s : trial.median_ttft_s;
      const double tpot = mean ? trial.mean_tpot_s : trial.median_tpot_s;
      if (!std::isnan(point.ttft_s))
        evaluation.residuals[row] = portable::log(ttft / point.ttft_s) / prior_.ttft_noise;
      if (!std::isnan(point.tpot_s))
        evaluation.residuals[row + 1] = portable::log(tpot / point.tpot_s) / prior_.tpot_noise;
      evaluation.trials.push_back(trial);
      row += 2;
      ++evaluations_;
    }
    return evaluation;
  }

  Jacobian jacobian(const Parameters& u, const Evaluation& here) {
    Jacobian jacobian = Jacobian::Zero(here.residuals.size(), kParameters);
    for (int i = 0; i < kParameters; ++i) {
      if (!fitted(i)) continue;
      Parameters there = u;
      there[i] += kProbe;
      jacobian.col(i) = (at(there).residuals - here.residuals) / kProbe;
    }
    return jacobian;
  }

 private:
  const std::function<ServingDeployment(const Anchor&)>& deploy_;
  std::span<const LoadPoint> points_;
  const AnchorPrior& prior_;
  Parameters widths_;
  Parameters lowest_;  ///< of the parameters themselves
  Parameters highest_;
  std::int32_t evaluations_ = 0;
};

/// The step that minimises |residuals + jacobian step|^2 + |u + step|^2 + damping |step|^2 within the bounds: whoever
/// would leave them stays at its bound, and the others are solved again.
Parameters bounded_step(const AnchorProblem& problem, const Jacobian& jacobian,
                        const Eigen::VectorXd& residuals, const Parameters& u, double damping) {
  using Matrix = Eigen::Matrix<double, kParameters, kParameters>;
  Parameters step = Parameters::Zero();
  std::array<bool, kParameters> pinned{};
  for (int i = 0; i < kParameters; ++i) pinned[static_cast<std::size_t>(i)] = !problem.fitted(i);
  const Matrix normal = jacobian.transpose() * jacobian + Matrix::Identity() * (1 + damping);
  for (int round = 0; round < kParameters; ++round) {
    Matrix matrix = normal;
    Parameters right = -(jacobian.transpose() * residuals + u);
    for (int i = 0; i < kParameters; ++i) {
      if (!pinned[static_cast<std::size_t>(i)]) continue;
      right -= normal.col(i) * step[i];
      matrix.row(i).setZero();
      matrix.col(i).setZero();
      matrix(i, i) = 1;
    }
    for (int i = 0; i < kParameters; ++i)
      if (pinned[static_cast<std::size_t>(i)]) right[i] = step[i];
    step = matrix.ldlt().solve(right);
    bool inside = true;
    for (int i = 0; i < kParameters; ++i) {
      if (pinned[static_cast<std::size_t>(i)]) continue;
      const double allowed = std::clamp(step[i], problem.low(i) - u[i], problem.high(i) - u[i]);
      if (allowed == step[i]) continue;
      step[i] = allowed;
      pinned[static_cast<std::size_t>(i)] = true;
      inside = false;
    }
    if (inside) break;
  }
  return step;
}

struct Optimum {
  Parameters u = Parameters::Zero();
  Evaluation evaluation;
  Jacobian jacobian;
};

Optimum minimise(AnchorProblem& problem) {
  Optimum best;
  best.evaluation = problem.at(best.u);
  best.jacobian = problem.jacobian(best.u, best.evaluation);
  const auto cost = [](const Evaluation& evaluation, const Parameters& u) {
    return evaluation.residuals.squaredNorm() + u.squaredNorm();
  };
  double least = cost(best.evaluation, best.u);
  double damping = 1e-2;
  for (int i = 0; i < kMostSteps; ++i) {
    const Parameters step =
        bounded_step(problem, best.jacobian, best.evaluation.residuals, best.u, damping);
    if (step.cwiseAbs().maxCoeff() < kSmallestStep) break;
    const Parameters there = best.u + step;
    Evaluation evaluation = problem.at(there);
    const Eigen::VectorXd change = evaluation.residuals - best.evaluation.residuals;
    best.jacobian += (change - best.jacobian * step) * step.transpose() / step.squaredNorm();
    const double now = cost(evaluation, there);
    if (now >= least) {
      damping = 10 * std::max(damping, 1.0);
      continue;
    }
    const double gain = least - now;
    best.u = there;
    best.evaluation = std::move(evaluation);
    least = now;
    damping *= 0.1;
    if (gain < 1e-3 * least + 1e-3) break;
  }
  return best;
}

/// The optimum moves when a point is left out: one more step without its rows.
Parameters without(const AnchorProblem& problem, const Optimum& best, Eigen::Index row) {
  Jacobian jacobian = best.jacobian;
  Eigen::VectorXd residuals = best.evaluation.residuals;
  jacobian.middleRows<2>(row).setZero();
  residuals.segment<2>(row).setZero();
  return best.u + bounded_step(problem, jacobian, residuals, best.u, 0);
}

/// Requests in flight: the clients', or by Little's law those of an open loop.
double mean_concurrency(const LoadPoint& point, const TrialSummary& trial) {
  const auto requests = static_cast<double>(point.requests.size());
  if (point.concurrency > 0) return std::min<double>(point.concurrency, requests);
  const double span_s = to_seconds(point.requests.back().at - point.requests.front().at);
  return span_s > 0 ? requests / span_s * trial.mean_e2e_s : requests;
}

/// What the point put on the deployment.
AnchoredPoint load_of(const LoadPoint& point, const TrialSummary& trial) {
  AnchoredPoint load;
  for (const TrialRequest& request : point.requests) {
    load.prompt_tokens += request.prompt_tokens;
    load.output_tokens += request.output_tokens;
  }
  load.prompt_tokens /= static_cast<double>(point.requests.size());
  load.output_tokens /= static_cast<double>(point.requests.size());
  load.concurrency = mean_concurrency(point, trial);
  return load;
}

AnchorRange range_of(const std::vector<AnchoredPoint>& points, double AnchoredPoint::* member) {
  AnchorRange range{points.front().*member, points.front().*member};
  for (const AnchoredPoint& point : points) {
    range.least = std::min(range.least, point.*member);
    range.most = std::max(range.most, point.*member);
  }
  return range;
}

double median_size(std::vector<double> errors) {
  std::erase_if(errors, [](double error) { return std::isnan(error); });
  if (errors.empty()) return kNotMeasured;
  for (double& error : errors) error = std::abs(error);
  std::sort(errors.begin(), errors.end());
  const std::size_t half = errors.size() / 2;
  return errors.size() % 2 == 1 ? errors[half] : 0.5 * (errors[half - 1] + errors[half]);
}

}  // namespace

AnchorPrior anchor_prior(const EngineProfile& engine, const ModelSpec& model) {
  AnchorPrior prior;
  prior.least_step_offset =
      -1.0 * (engine.overhead_base + engine.overhead_per_layer * static_cast<double>(model.layers));
  prior.least_front_end = -1.0 * engine.front_end_base;
  prior.least_front_end_per_token = -1.0 * engine.front_end_per_token;
  return prior;
}

AnchorFit fit_anchor(const std::function<ServingDeployment(const Anchor&)>& deploy,
                     std::span<const LoadPoint> points, const AnchorPrior& prior) {
  check(points);
  AnchorProblem problem(deploy, points, prior);
  const Optimum best = minimise(problem);
  AnchorFit fit;
  fit.anchor = problem.anchor(best.u);
  std::vector<double> ttft_errors, tpot_errors;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const LoadPoint& point = points[i];
    const TrialSummary& trial = best.evaluation.trials[i];
    const bool mean = point.statistic == Statistic::mean;
    const Parameters others = without(problem, best, 2 * static_cast<Eigen::Index>(i));
    const Eigen::VectorXd left_out = problem.at(others, points.subspan(i, 1)).residuals;
    AnchoredPoint anchored = load_of(point, trial);
    anchored.ttft_s = mean ? trial.mean_ttft_s : trial.median_ttft_s;
    anchored.tpot_s = mean ? trial.mean_tpot_s : trial.median_tpot_s;
    anchored.ttft_error = anchored.ttft_s / point.ttft_s - 1;
    anchored.tpot_error = anchored.tpot_s / point.tpot_s - 1;
    anchored.held_out_ttft_error =
        std::isnan(point.ttft_s) ? kNotMeasured : portable::exp(left_out[0] * prior.ttft_noise) - 1;
    anchored.held_out_tpot_error =
        std::isnan(point.tpot_s) ? kNotMeasured : portable::exp(left_out[1] * prior.tpot_noise) - 1;
    ttft_errors.push_back(anchored.held_out_ttft_error);
    tpot_errors.push_back(anchored.held_out_tpot_error);
    fit.points.push_back(anchored);
  }
  fit.anchor.loads = AnchoredLoads{range_of(fit.points, &AnchoredPoint::concurrency),
                                   range_of(fit.points, &AnchoredPoint::prompt_tokens),
                                   range_of(fit.points, &AnchoredPoint::output_tokens)};
  fit.ttft_error = median_size(ttft_errors);
  fit.tpot_error = median_size(tpot_errors);
  fit.evaluations = problem.evaluations();
  return fit;
}

}  // namespace plimsoll
