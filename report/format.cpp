// Rounding is fmt's, which is exact, so equal numbers are equal text everywhere.
#include "report/format.hpp"

#include <fmt/format.h>

#include <cmath>

namespace plimsoll::report {
namespace {

struct Unit {
  double seconds;
  const char* name;
};

Unit unit_of(double seconds) {
  if (seconds >= 0.9995) return {1, "s"};
  return seconds >= 0.9995e-3 ? Unit{1e-3, "ms"} : Unit{1e-6, "us"};
}

/// Of what takes hours or days.
Unit long_unit_of(double seconds) {
  if (seconds >= 72 * 3600) return {86400, "d"};
  if (seconds >= 2 * 3600) return {3600, "h"};
  if (seconds >= 120) return {60, "min"};
  return seconds > 0 ? unit_of(seconds) : Unit{1, "s"};
}

std::string in_unit(double seconds, Unit unit) {
  return fmt::format("{} {}", number_text(seconds / unit.seconds), unit.name);
}

std::string interval_text(double seconds, const double* low_s, const double* high_s, Unit unit) {
  if (low_s == nullptr && high_s == nullptr) return in_unit(seconds, unit);
  const auto end = [&](const double* value) {
    return value == nullptr ? std::string("..") : number_text(*value / unit.seconds);
  };
  return fmt::format("{} [{}, {}]", in_unit(seconds, unit), end(low_s), end(high_s));
}

}  // namespace

std::string count_text(double count) {
  std::string digits = fmt::format("{:.0f}", std::fabs(count));
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return count <= -0.5 ? "-" + digits : digits;
}

std::string number_text(double value) {
  const double size = std::fabs(value);
  if (size >= 99.95) return count_text(value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  if (size >= 0.9995) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

std::string share_text(double share) {
  const double percent = share * 100;
  if (percent > 99.95 && percent < 100)
    return fmt::format("{:.3f} %", std::floor(percent * 1e3) / 1e3);
  return fmt::format("{:.1f} %", percent);
}

std::string usd_text(double usd) {
  if (usd < 0.995) return fmt::format("${:.3g}", usd);
  const double cents = std::round(usd * 100);
  const double whole = std::floor(cents / 100);
  return fmt::format("${}.{:02.0f}", count_text(whole), cents - whole * 100);
}

std::string latency_text(double seconds) { return in_unit(seconds, unit_of(seconds)); }

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{} s", number_text(seconds));
  const double whole = std::round(seconds);
  const double minutes = std::floor(whole / 60);
  const double hours = std::floor(minutes / 60);
  if (hours < 1) return fmt::format("{:.0f} min {:.0f} s", minutes, whole - minutes * 60);
  return fmt::format("{} h {:.0f} min {:.0f} s", count_text(hours), minutes - hours * 60,
                     whole - minutes * 60);
}

std::string latency_interval_text(double seconds, const double* low_s, const double* high_s) {
  return interval_text(seconds, low_s, high_s, unit_of(seconds));
}

std::string long_time_text(double seconds) { return in_unit(seconds, long_unit_of(seconds)); }

std::string long_time_interval_text(double seconds, const double* low_s, const double* high_s) {
  const Unit unit = long_unit_of(seconds);
  const bool far = high_s != nullptr && *high_s / unit.seconds >= 999.5;
  if (!far) return interval_text(seconds, low_s, high_s, unit);
  return fmt::format("{} [{}, {}]", in_unit(seconds, unit),
                     low_s == nullptr ? ".." : number_text(*low_s / unit.seconds),
                     long_time_text(*high_s));
}

}  // namespace plimsoll::report
