// The piecewise-linear curve over tokens.
#include "workloads/step_time/token_curve.hpp"

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

/// Convex and steep, so that interpolation shows.
Ticks square(std::int32_t tokens) { return Ticks{tokens} * tokens * 1000; }

}  // namespace

TEST_CASE("a token curve is exact at its knots and at every small count", "[step_time]") {
  const TokenCurve curve(8192, square);
  for (std::int32_t tokens = 0; tokens <= 16; ++tokens) CHECK(curve.at(tokens) == square(tokens));
  for (const std::int32_t knot : {18, 20, 32, 36, 64, 112, 4096, 7680, 8192})
    CHECK(curve.at(knot) == square(knot));
  CHECK(curve.knots() < 100);
}

TEST_CASE("a token curve rises with the sampled function and stays within its knots",
          "[step_time]") {
  const TokenCurve curve(5000, square);
  for (std::int32_t tokens = 1; tokens < 6000; ++tokens) {
    CHECK(curve.at(tokens) > curve.at(tokens - 1));
    if (tokens <= 5000)
      CHECK(static_cast<double>(curve.at(tokens)) ==
            Approx(static_cast<double>(square(tokens))).epsilon(0.005));
  }
}

TEST_CASE("beyond its last knot a token curve keeps its last slope", "[step_time]") {
  const TokenCurve curve(100, square);
  CHECK(curve.at(400) - curve.at(300) == curve.at(300) - curve.at(200));
  CHECK(curve.at(200) > curve.at(100));
}
