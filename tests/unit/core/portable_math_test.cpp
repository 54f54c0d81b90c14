// Our log, exp and pow against the C library's in long double, which has 11 bits more than double.
#include "core/portable_math.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

constexpr int kArguments = 200'000;

bool has_long_double() {
  const bool wide = std::numeric_limits<long double>::digits >= 64;
  if (!wide)
    std::puts(
        "skipped: long double is no wider than double here, so there is nothing to compare with");
  return wide;
}

/// The error in units of the last place of the right answer.
double ulps(double found, long double right) {
  const double nearest = std::fabs(static_cast<double>(right));
  const double ulp = std::nextafter(nearest, std::numeric_limits<double>::infinity()) - nearest;
  return std::fabs(static_cast<double>((found - right) / ulp));
}

/// A positive double whose exponent is as likely as any other from 2^least to 2^most.
double any_magnitude(const RandomStream& stream, std::uint64_t i, int least, int most) {
  const auto span = static_cast<std::uint32_t>(most - least);
  const int exponent = least + static_cast<int>(below(span, stream.bits(i, 1)));
  return std::ldexp(1 + stream.uniform(i), exponent);
}

}  // namespace

TEST_CASE("log is within 2 ulp of the right answer at every magnitude", "[core][portable]") {
  if (!has_long_double()) return;
  const RandomStream stream(1, "test", "log");
  double worst = 0;
  for (std::uint64_t i = 0; i < kArguments; ++i) {
    const double x = any_magnitude(stream, i, -1074, 1023);
    worst = std::max(worst, ulps(portable::log(x), std::log(static_cast<long double>(x))));
  }
  CHECK(worst < 2);
}

TEST_CASE("log is within 2 ulp near 1, where its value vanishes", "[core][portable]") {
  if (!has_long_double()) return;
  const RandomStream stream(2, "test", "log");
  double worst = 0;
  for (std::uint64_t i = 0; i < kArguments; ++i) {
    const double distance = any_magnitude(stream, i, -52, -1);
    for (const double x : {1 + distance, 1 - 0.5 * distance}) {
      worst = std::max(worst, ulps(portable::log(x), std::log(static_cast<long double>(x))));
    }
  }
  CHECK(worst < 2);
  CHECK(portable::log(1.0) == 0);
}

TEST_CASE("exp is within 2 ulp of the right answer wherever that is a normal number",
          "[core][portable]") {
  if (!has_long_double()) return;
  const RandomStream stream(3, "test", "exp");
  double worst = 0;
  for (std::uint64_t i = 0; i < kArguments; ++i) {
    const double x = -708 + 1417 * stream.uniform(i);
    worst = std::max(worst, ulps(portable::exp(x), std::exp(static_cast<long double>(x))));
    const double small = any_magnitude(stream, i, -60, 0);
    worst =
        std::max(worst, ulps(portable::exp(-small), std::exp(static_cast<long double>(-small))));
  }
  CHECK(worst < 2);
}

TEST_CASE("exp ends in zero and infinity where doubles do", "[core][portable]") {
  CHECK(portable::exp(0) == 1);
  CHECK(portable::exp(709.78) == Approx(std::exp(709.78)).epsilon(1e-14));
  CHECK(portable::exp(709.79) == std::numeric_limits<double>::infinity());
  CHECK(portable::exp(1e300) == std::numeric_limits<double>::infinity());
  CHECK(portable::exp(-744.0) == Approx(std::exp(-744.0)).margin(5e-324));
  CHECK(portable::exp(-746.0) == 0);
  CHECK(portable::exp(-1e300) == 0);
  for (double x = -745; x < -707; x += 0.01) CHECK(portable::exp(x) <= portable::exp(x + 0.01));
}

TEST_CASE("pow has a relative error below 1e-13", "[core][portable]") {
  if (!has_long_double()) return;
  const RandomStream stream(4, "test", "pow");
  double worst = 0;
  for (std::uint64_t i = 0; i < kArguments; ++i) {
    const double x = any_magnitude(stream, i, -32, 32);
    const double y = 8 * stream.uniform(i, 2) - 4;
    if (std::fabs(y * std::log(x)) >= 100) continue;
    const long double right = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    worst = std::max(worst, static_cast<double>(std::fabs((portable::pow(x, y) - right) / right)));
  }
  CHECK(worst < 1e-13);
}

TEST_CASE("the bits of log and exp are the same on every machine", "[core][portable]") {
  const RandomStream stream(5, "test", "bits");
  std::uint64_t log_bits = 0;
  std::uint64_t exp_bits = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const double x = 100 * stream.uniform(i);
    log_bits = log_bits * 31 + std::bit_cast<std::uint64_t>(portable::log(x));
    exp_bits = exp_bits * 31 + std::bit_cast<std::uint64_t>(portable::exp(-x));
  }
  CHECK(log_bits == 0xa17ed09b6c930643u);
  CHECK(exp_bits == 0xd019a83aff6e85au);
}
