// Fits the law of step times to measured configurations.
#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

#include "core/portable_math.hpp"
#include "workloads/step_time/goodput_model.hpp"

namespace plimsoll {

namespace {

constexpr int kParameters = 7;
constexpr double kLargest = 30;  ///< of logarithms: keeps every step of the search finite

/// Parameters are positive: the search is over their logarithms, and over the logit of the overlap within (1, 10).
StepTimeLaw law_of(const Eigen::VectorXd& x) {
  const auto positive = [&](Eigen::Index i) {
    return portable::exp(std::clamp(x[i], -kLargest, kLargest));
  };
  StepTimeLaw law{positive(0), positive(1), positive(2), positive(3), positive(4), positive(5), 1};
  law.overlap = 1 + 9 / (1 + 1 / positive(6));
  return law;
}

struct Residuals {
  using Scalar = double;
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;
  enum { InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic };

  explicit Residuals(std::span<const StepObservation> of) : observations(of) {}
  std::span<const StepObservation> observations;

  int inputs() const { return kParameters; }
  int values() const { return static_cast<int>(2 * observations.size()) + kParameters; }

  int operator()(const Eigen::VectorXd& x, Eigen::VectorXd& errors) const {
    const StepTimeLaw law = law_of(x);
    Eigen::Index at = 0;
    for (const StepObservation& seen : observations) {
      errors[at++] = portable::log(law.compute_s(seen.local_batch) / (seen.step_s - seen.sync_s));
      errors[at++] =
          portable::log(law.step_s(seen.nodes, seen.replicas, seen.local_batch) / seen.step_s);
    }
    // A weak pull to the start keeps what nothing was observed of in place.
    for (Eigen::Index i = 0; i < kParameters; ++i) errors[at++] = 1e-3 * (x[i] - start()[i]);
    return 0;
  }
  static Eigen::VectorXd start() {
    Eigen::VectorXd x(kParameters);
    x << -2.3, -4.6, -2.3, -6.9, -3.9, -6.9, -2.2;
    return x;
  }
};

}  // namespace

StepTimeLaw fit_step_time_law(std::span<const StepObservation> observations) {
  Eigen::VectorXd x = Residuals::start();
  Eigen::NumericalDiff<Residuals> residuals{Residuals(observations)};
  Eigen::LevenbergMarquardt<Eigen::NumericalDiff<Residuals>> search(residuals);
  search.parameters.maxfev = 2000;
  search.minimize(x);
  return law_of(x);
}

}  // namespace plimsoll
