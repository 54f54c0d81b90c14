#include "core/portable_math.hpp"

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace plimsoll::portable {
namespace {

constexpr double kLn2High =
    6.93147180369123816490e-01;  // 32 bits of ln 2, so that k * kLn2High is exact
constexpr double kLn2Low = 1.90821492927058770002e-10;

double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace

// x = m 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716.
double log(double x) {
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {  // subnormal: scale it up
    x *= 0x1p54;
    exponent = -54;
  }
  // Without a branch, which random arguments would mispredict: how many powers of two above sqrt(1/2)?
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t above = bits - std::bit_cast<std::uint64_t>(0.70710678118654757);
  const auto powers = static_cast<std::int64_t>(above) >> 52;
  exponent += static_cast<int>(powers);
  const double mantissa = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(powers) << 52));
  const double f = mantissa - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  double series = 1.0 / 23.0;
  for (const double term : {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9,
                            1.0 / 7, 1.0 / 5, 1.0 / 3}) {
    series = series * z + term;
  }
  const double k = exponent;
  // log m = f - s (f - 2 s^2 series'): written so that the leading term f carries no rounding error.
  const double correction = s * (f - 2.0 * z * series);
  return k * kLn2High - ((correction - k * kLn2Low) - f);
}

// x = k ln 2 + r with |r| <= ln 2 / 2; exp r by its Taylor polynomial of degree 13.
double exp(double x) {
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0.0;
  const double scaled = x * 1.4426950408889634;
  const int k = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double series = 1.0 / 6227020800.0;
  for (const double term :
       {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
        1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0}) {
    series = series * r + term;
  }
  const double value = 1.0 + r * series;
  if (k < -1021) return value * power_of_two(k + 60) * 0x1p-60;
  if (k > 1023) return value * power_of_two(k - 1) * 2.0;
  return value * power_of_two(k);
}

double pow(double x, double y) { return exp(y * log(x)); }

}  // namespace plimsoll::portable
