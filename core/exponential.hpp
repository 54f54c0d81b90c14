// Exponential variates from 64 random bits, fast and with the same bits on every machine: -log u by a table of 128
// logarithms and a short polynomial, without division or branch. Absolute error below 1e-15.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/random_stream.hpp"
#include "core/time.hpp"

namespace plimsoll {

namespace detail {

inline constexpr unsigned kLogTableBits = 7;

/// A point c of [1, 2) as 1 / c, rounded, and the logarithm of what that is the inverse of.
struct LogPoint {
  double inverse = 0;
  double log = 0;
};

/// The middles of 2^kLogTableBits equal parts of [1, 2). log c = 2 atanh((c - 1) / (c + 1)).
constexpr std::array<LogPoint, 1u << kLogTableBits> log_points() {
  std::array<LogPoint, 1u << kLogTableBits> points{};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double inverse =
        1.0 / (1.0 + (static_cast<double>(i) + 0.5) / static_cast<double>(points.size()));
    const double s = (1.0 - inverse) / (1.0 + inverse);
    double series = 0;
    for (int k = 41; k > 0; k -= 2) series = series * (s * s) + 1.0 / k;
    points[i] = {inverse, 2.0 * s * series};
  }
  return points;
}
inline constexpr auto kLogPoints = log_points();

}  // namespace detail

/// -log of unit_interval(bits): an exponential variate of mean 1.
constexpr double standard_exponential(std::uint64_t bits) {
  const auto u = std::bit_cast<std::uint64_t>(unit_interval(bits));
  const std::uint64_t fraction = u & ((std::uint64_t{1} << 52) - 1);
  const auto powers = static_cast<double>(1023 - static_cast<std::int64_t>(u >> 52));
  const double mantissa = std::bit_cast<double>(fraction | (std::uint64_t{1023} << 52));
  const detail::LogPoint& point = detail::kLogPoints[fraction >> (52 - detail::kLogTableBits)];
  const double r = mantissa * point.inverse - 1.0;  // |r| <= 2^-8
  const double log_of_rest =
      r - r * r * (1.0 / 2 - r * (1.0 / 3 - r * (1.0 / 4 - r * (1.0 / 5 - r * (1.0 / 6)))));
  return powers * 0.693147180559945309417 - point.log - log_of_rest;
}

/// Exponential with that mean, cut to whole nanoseconds.
constexpr Duration exponential(Duration mean, std::uint64_t bits) {
  return Duration{
      static_cast<std::int64_t>(standard_exponential(bits) * static_cast<double>(mean.count()))};
}

}  // namespace plimsoll
