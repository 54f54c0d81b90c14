#include "core/exponential.hpp"

#include <cmath>

#include "core/portable_math.hpp"
#include "tests/catch.hpp"

namespace plimsoll {
namespace {

TEST_CASE("an exponential variate is minus the logarithm of its uniform one", "[core]") {
  const RandomStream stream(1, "exponential", "test");
  double worst = 0;
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t bits = stream.bits(i) >> (i % 50);  // small ones as well: the tail
    worst =
        std::max(worst, std::fabs(standard_exponential(bits) + portable::log(unit_interval(bits))));
  }
  CHECK(worst < 8e-15);  // two ulp of the largest
  CHECK(standard_exponential(0) == Approx(53 * 0.6931471805599453));
  CHECK(standard_exponential(~std::uint64_t{0}) >= 0);
  CHECK(standard_exponential(~std::uint64_t{0}) < 1e-15);
}

TEST_CASE("exponential variates have the moments of their distribution", "[core]") {
  const RandomStream stream(2, "exponential", "test");
  constexpr int kDraws = 1'000'000;
  double sum = 0;
  double squares = 0;
  int above_three = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double x = standard_exponential(stream.bits(i));
    sum += x;
    squares += x * x;
    above_three += x > 3.0 ? 1 : 0;
  }
  // Five standard errors: of the mean 1 / sqrt n, of the mean square sqrt(20 / n), of a share sqrt(p (1 - p) / n).
  CHECK(std::fabs(sum / kDraws - 1.0) < 5e-3);
  CHECK(std::fabs(squares / kDraws - 2.0) < 5 * std::sqrt(20.0 / kDraws));
  CHECK(std::fabs(above_three / double{kDraws} - 0.049787068) < 5 * 0.2176 / 1000);
}

TEST_CASE("an exponential duration is cut to whole nanoseconds", "[core]") {
  const std::uint64_t bits = RandomStream(3, "exponential", "test").bits(0);
  const double exact = standard_exponential(bits) * 1e9;
  CHECK(to_ns(exponential(from_seconds(1), bits)) == static_cast<std::int64_t>(exact));
}

}  // namespace
}  // namespace plimsoll
