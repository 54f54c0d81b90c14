#include "workloads/calibration/robust_curve.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace plimsoll {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using Residual = std::function<double(std::size_t, const std::vector<double>&)>;

constexpr int kMostIterations = 60;
constexpr double kRelativeDifference = 1e-6;
constexpr double kLeastDamping = 1e-9;
constexpr double kMostDamping = 1e9;
constexpr double kConverged = 1e-10;

/// Huber's loss and the weight that makes a square of it.
double loss(double residual, double huber) {
  const double off = std::abs(residual);
  return off <= huber ? 0.5 * off * off : huber * (off - 0.5 * huber);
}
double weight(double residual, double huber) {
  const double off = std::abs(residual);
  return off <= huber ? 1.0 : huber / off;
}

class CurveFit {
 public:
  CurveFit(const std::vector<Parameter>& parameters, std::size_t rows, const Residual& residual,
           double huber)
      : parameters_(parameters), rows_(rows), residual_(residual), huber_(huber) {}

  std::vector<double> run() {
    for (const Parameter& one : parameters_) values_.push_back(one.start);
    double best = total(values_);
    for (int i = 0; i < kMostIterations && damping_ < kMostDamping; ++i) {
      linearize();
      const double before = best;
      while (damping_ < kMostDamping && !try_step(best)) damping_ *= 4;
      if (before - best < kConverged * (before + kConverged)) break;
    }
    return values_;
  }

 private:
  double total(const std::vector<double>& values) const {
    double sum = 0;
    for (std::size_t row = 0; row < rows_; ++row) sum += loss(residual_(row, values), huber_);
    return sum;
  }

  void linearize() {
    const auto count = static_cast<Eigen::Index>(values_.size());
    form_ = MatrixXd::Zero(count, count);
    gradient_ = VectorXd::Zero(count);
    VectorXd slope(count);
    for (std::size_t row = 0; row < rows_; ++row) {
      const double at = residual_(row, values_);
      for (std::size_t p = 0; p < values_.size(); ++p)
        slope[static_cast<Eigen::Index>(p)] = derivative(row, p, at);
      const double w = weight(at, huber_);
      form_ += w * slope * slope.transpose();
      gradient_ += w * at * slope;
    }
  }

  /// Towards the inside of the bounds.
  double derivative(std::size_t row, std::size_t p, double at) const {
    std::vector<double> moved = values_;
    const Parameter& bounds = parameters_[p];
    double difference = kRelativeDifference * std::max(std::abs(moved[p]), bounds.most * 1e-3);
    if (moved[p] + difference > bounds.most) difference = -difference;
    moved[p] += difference;
    return (residual_(row, moved) - at) / difference;
  }

  bool try_step(double& best) {
    MatrixXd damped = form_;
    for (Eigen::Index p = 0; p < damped.rows(); ++p)
      damped(p, p) = damped(p, p) * (1 + damping_) + kLeastDamping;
    const VectorXd step = damped.ldlt().solve(gradient_);
    std::vector<double> moved = values_;
    for (std::size_t p = 0; p < moved.size(); ++p)
      moved[p] = std::clamp(moved[p] - step[static_cast<Eigen::Index>(p)], parameters_[p].least,
                            parameters_[p].most);
    const double reached = total(moved);
    if (!(reached < best)) return false;
    best = reached;
    values_ = std::move(moved);
    damping_ = std::max(kLeastDamping, damping_ / 4);
    return true;
  }

  const std::vector<Parameter>& parameters_;
  std::size_t rows_;
  const Residual& residual_;
  double huber_;
  double damping_ = 1e-3;
  std::vector<double> values_;
  MatrixXd form_;
  VectorXd gradient_;
};

}  // namespace

std::vector<double> fit_parameters(
    const std::vector<Parameter>& parameters, std::size_t rows,
    const std::function<double(std::size_t, const std::vector<double>&)>& residual, double huber) {
  return CurveFit(parameters, rows, residual, huber).run();
}

}  // namespace plimsoll
