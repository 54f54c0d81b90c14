// Grids of fitted factors between, at and beyond their knots.
#include "workloads/step_time/fitted_grid.hpp"

#include <array>
#include <cmath>

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

/// log factor = 1 + 2 log a - 3 log b: what an interpolation linear in logarithms has to hit exactly.
FittedGrid plane() {
  FittedGrid grid{{{"a", {1, 4, 9}}, {"b", {2, 5}}}, {}};
  for (const double a : grid.axes[0].knots)
    for (const double b : grid.axes[1].knots)
      grid.log_factors.push_back(1 + 2 * std::log(a) - 3 * std::log(b));
  return grid;
}

double at(const FittedGrid& grid, double a, double b) { return grid.factor(std::array{a, b}); }

}  // namespace

TEST_CASE("a grid is linear in the logarithms of its coordinates", "[grid]") {
  const FittedGrid grid = plane();
  REQUIRE(grid.log_factors.size() == grid.size());
  for (const double a : {1.0, 1.7, 4.0, 8.9, 9.0})
    for (const double b : {2.0, 3.1, 5.0})
      CHECK(at(grid, a, b) == Approx(std::exp(1.0) * a * a / (b * b * b)).epsilon(1e-12));
}

TEST_CASE("beyond its outermost knots the nearest factor holds, and is known to be beyond",
          "[grid]") {
  const FittedGrid grid = plane();
  CHECK(at(grid, 0.1, 3) == at(grid, 1, 3));
  CHECK(at(grid, 100, 50) == at(grid, 9, 5));
  CHECK(grid.covers(std::array{1.0, 5.0}));
  CHECK_FALSE(grid.covers(std::array{0.9, 5.0}));
  CHECK_FALSE(grid.covers(std::array{1.0, 5.1}));
}

TEST_CASE("a grid without axes is the factor 1", "[grid]") {
  CHECK(FittedGrid{}.size() == 0);
  CHECK(at({}, 3, 4) == 1);
}
