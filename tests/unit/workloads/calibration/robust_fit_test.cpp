// Fits find the laws that rows were made from, outliers or not, and state errors of what they did not see.
#include <cmath>

#include "tests/catch.hpp"
#include "workloads/calibration/robust_curve.hpp"
#include "workloads/calibration/robust_grid.hpp"

using namespace plimsoll;

namespace {

/// base(n) + work / rate(n) over n = 1 ... 64, base and rate powers of n.
double time_us(double n, double work) { return 5 * std::pow(n, 0.25) + work * std::pow(n, -0.5); }

GridProblem two_terms() {
  const std::vector<double> knots{1, 4, 16, 64};
  GridProblem problem;
  GridTerm base{{{"n", knots}}, {}, {}, 1e-4};
  GridTerm rate{{{"n", knots}}, {}, {}, 1e-4};
  for (int n = 1; n <= 64; n *= 2)
    for (double work = 1; work < 2000; work *= 3) {
      base.coordinates.push_back(n);
      base.scale.push_back(1);
      rate.coordinates.push_back(n);
      rate.scale.push_back(work);
      problem.time_us.push_back(time_us(n, work));
      problem.weight.push_back(1);
      problem.configuration.push_back(std::llround(work));
    }
  problem.terms = {base, rate};
  return problem;
}

}  // namespace

TEST_CASE("a sum of two grids is told apart", "[calibration]") {
  const GridFit fit = fit_grids(two_terms());
  for (const double n : {1.0, 4.0, 16.0, 64.0}) {
    CHECK(fit.grids[0].factor(std::vector<double>{n}) ==
          Approx(5 * std::pow(n, 0.25)).epsilon(0.01));
    CHECK(fit.grids[1].factor(std::vector<double>{n}) == Approx(std::pow(n, -0.5)).epsilon(0.01));
  }
  CHECK(fit.median_error < 0.005);
}

TEST_CASE("a few wild rows move a grid little and show in its 90th percentile", "[calibration]") {
  GridProblem problem = two_terms();
  for (std::size_t row = 0; row < problem.time_us.size(); row += 8) problem.time_us[row] *= 3;
  const GridFit fit = fit_grids(problem);
  CHECK(fit.grids[1].factor(std::vector<double>{16}) == Approx(0.25).epsilon(0.05));
  CHECK(fit.median_error < 0.05);
  CHECK(fit.p90_error > 0.3);
}

TEST_CASE("errors are stated of configurations that a fit has not seen", "[calibration]") {
  GridProblem problem;
  GridTerm term{{{"n", {1, 2, 4, 8, 16}}}, {}, {}, 1e-4};
  for (int n = 1; n <= 16; n *= 2)
    for (int repeat = 0; repeat < 4; ++repeat) {
      term.coordinates.push_back(n);
      term.scale.push_back(1);
      problem.time_us.push_back(n % 3 == 1 ? 10 : 20);  // up and down: no neighbour tells
      problem.weight.push_back(1);
      problem.configuration.push_back(n);
    }
  problem.terms = {term};
  const GridFit fit = fit_grids(problem);
  CHECK(fit.grids[0].factor(std::vector<double>{2}) == Approx(20).epsilon(0.01));
  CHECK(fit.median_error > 0.3);
}

TEST_CASE("knots without rows lie on the line of their neighbours", "[calibration]") {
  GridProblem problem;
  GridTerm term{{{"n", {1, 4, 16, 64}}}, {}, {}, 1e-3};
  for (const double n : {1.0, 1.0, 4.0, 4.0, 64.0, 64.0}) {
    term.coordinates.push_back(n);
    term.scale.push_back(1);
    problem.time_us.push_back(n);
    problem.weight.push_back(1);
    problem.configuration.push_back(static_cast<std::int64_t>(n));
  }
  problem.terms = {term};
  CHECK(fit_grids(problem).grids[0].factor(std::vector<double>{16}) == Approx(16).epsilon(0.02));
}

TEST_CASE("parameters of a formula are found under outliers and stay in their bounds",
          "[calibration]") {
  std::vector<double> measured;
  for (int x = 0; x < 40; ++x) measured.push_back(3 + 0.5 * x + (x % 10 == 9 ? 40 : 0));
  const auto residual = [&](std::size_t row, const std::vector<double>& p) {
    return std::log((p[0] + p[1] * static_cast<double>(row)) / measured[row]);
  };
  const auto found = fit_parameters({{1, 0.1, 10}, {1, 0.01, 10}}, measured.size(), residual, 0.02);
  CHECK(found[0] == Approx(3).epsilon(0.03));
  CHECK(found[1] == Approx(0.5).epsilon(0.03));
  const auto bounded =
      fit_parameters({{1, 0.1, 2}, {1, 0.01, 10}}, measured.size(), residual, 0.02);
  CHECK(bounded[0] <= 2);
}
