#include "core/config/scalar_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace plimsoll {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "012": ten for some readers, twelve for others.
bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

void skip_spaces(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

template <class T>
std::string parse_whole(std::string_view text, T& out) {
  if (has_leading_zero(text)) return "starts with a zero; write the number without it";
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return fmt::format("is outside [{}, {}]", std::numeric_limits<T>::min(),
                       std::numeric_limits<T>::max());
  }
  if (error != std::errc{} || stop != text.data() + text.size())
    return "is not a whole number; write digits such as 16";
  out = value;
  return {};
}

/// Reads a finite number off the front of `text`, and its length.
std::optional<std::pair<double, std::size_t>> front_number(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return {};
  return std::pair{value, static_cast<std::size_t>(stop - text.data())};
}

/// A unit whose value is not a whole number of anything.
struct RealUnit {
  std::string_view name;
  double scale;
};

/// What a kind of quantity is called, an example of it, and its units, largest first, the last with scale 1.
struct RealKind {
  std::string_view name;
  std::string_view example;
  std::span<const RealUnit> units;
};

std::string wrong_unit(std::string_view kind, std::string_view example, std::string_view found,
                       const auto& units) {
  std::string known;
  for (const auto& unit : units) {
    if (!known.empty()) known += ", ";
    known += unit.name;
  }
  if (found.empty())
    return fmt::format("has no unit; write {} such as {} (units: {})", kind, example, known);
  return fmt::format("is not {}; write one such as {} (units: {})", kind, example, known);
}

template <class T>
std::string parse_real(std::string_view text, const RealKind& kind, T& out) {
  const auto number = front_number(text);
  if (!number) return wrong_unit(kind.name, kind.example, text, kind.units);
  std::string_view unit = text.substr(number->second);
  skip_spaces(unit);
  for (const RealUnit& candidate : kind.units) {
    if (unit != candidate.name) continue;
    const double value = number->first * candidate.scale;
    if (!std::isfinite(value)) return "is too large a number";
    out = T{value};
    return {};
  }
  return wrong_unit(kind.name, kind.example, unit, kind.units);
}

/// In the largest unit that is not larger than the value and still gives it back exactly.
template <class T>
std::string real_text(T quantity, const RealKind& kind, std::string_view space) {
  const double value = quantity.count();
  for (const RealUnit& unit : kind.units) {
    const double count = value / unit.scale;
    const bool last = &unit == &kind.units.back();
    if (last || (std::fabs(count) >= 1 && count * unit.scale == value))
      return fmt::format("{}{}{}", count, space, unit.name);
  }
  return {};  // not reached: the last unit always fits
}

constexpr RealUnit kByteRates[] = {{"PB/s", 1e15},    {"TB/s", 1e12},    {"GB/s", 1e9},
                                   {"MB/s", 1e6},     {"kB/s", 1e3},     {"PiB/s", 0x1p50},
                                   {"TiB/s", 0x1p40}, {"GiB/s", 0x1p30}, {"MiB/s", 0x1p20},
                                   {"KiB/s", 0x1p10}, {"B/s", 1}};
constexpr RealUnit kFlopRates[] = {
    {"PFLOP/s", 1e15}, {"TFLOP/s", 1e12}, {"GFLOP/s", 1e9}, {"MFLOP/s", 1e6}, {"FLOP/s", 1}};
constexpr RealUnit kPowers[] = {{"MW", 1e6}, {"kW", 1e3}, {"W", 1}};
constexpr RealUnit kPrices[] = {{"USD/h", 1}};
constexpr RealUnit kRates[] = {{"/min", 1.0 / 60}, {"/h", 1.0 / 3600}, {"/s", 1}};

constexpr RealKind kBandwidth{"a bandwidth", "3.35 TB/s", kByteRates};
constexpr RealKind kFlops{"a compute rate", "989 TFLOP/s", kFlopRates};
constexpr RealKind kPower{"a power", "700 W", kPowers};
constexpr RealKind kPrice{"a price", "2.69 USD/h", kPrices};
constexpr RealKind kRate{"a rate", "5.53/s or 30/min", kRates};

/// A unit of which every value is counted in whole smallest units.
struct WholeUnit {
  std::string_view name;
  std::int64_t scale;
};
constexpr WholeUnit kDurations[] = {
    {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
    {"ms", 1'000'000},        {"us", 1'000},         {"ns", 1}};
constexpr WholeUnit kSizes[] = {{"PiB", 1ll << 50},
                                {"PB", 1'000'000'000'000'000},
                                {"TiB", 1ll << 40},
                                {"TB", 1'000'000'000'000},
                                {"GiB", 1ll << 30},
                                {"GB", 1'000'000'000},
                                {"MiB", 1ll << 20},
                                {"MB", 1'000'000},
                                {"KiB", 1ll << 10},
                                {"kB", 1'000},
                                {"B", 1}};

const WholeUnit* find_unit(std::span<const WholeUnit> units, std::string_view name) {
  for (const WholeUnit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

enum class Part { read, wrong_unit, too_large };

/// Reads one "<digits>[.<digits>] <unit>" off the front of `text` and adds it to `sum`, exactly but for the fraction,
/// which is rounded to the nearest whole.
template <class FindUnit>
Part add_part(std::string_view& text, const FindUnit& find, std::int64_t& sum) {
  std::int64_t whole = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc::result_out_of_range) return Part::too_large;
  if (error != std::errc{} || whole < 0) return Part::wrong_unit;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  double fraction = 0;
  if (text.starts_with('.')) {
    if (text.size() < 2 || !is_digit(text[1])) return Part::wrong_unit;
    const auto end =
        std::from_chars(text.data(), text.data() + text.size(), fraction, std::chars_format::fixed);
    text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  }
  skip_spaces(text);
  const std::size_t length = std::min(text.find_first_of(" 0123456789"), text.size());
  const WholeUnit* unit = find(text.substr(0, length));
  if (!unit) return Part::wrong_unit;
  text.remove_prefix(length);
  std::int64_t product = 0;
  const std::int64_t rest = std::llround(fraction * static_cast<double>(unit->scale));
  const bool overflow = __builtin_mul_overflow(whole, unit->scale, &product) ||
                        __builtin_add_overflow(product, rest, &product) ||
                        __builtin_add_overflow(sum, product, &sum);
  return overflow ? Part::too_large : Part::read;
}

std::string whole_text(std::int64_t value, std::span<const WholeUnit> units,
                       std::string_view space) {
  const WholeUnit* best = &units.back();
  for (const WholeUnit& unit : units) {
    if (value % unit.scale == 0 && unit.scale > best->scale) best = &unit;
  }
  return fmt::format("{}{}{}", value / best->scale, space, best->name);
}

constexpr std::string_view kDurationKind = "a duration";
constexpr std::string_view kDurationExample = "30s, 50ms or 1h30m";

/// The text after the last digit: empty when a bare number stands where a quantity should.
std::string_view after_digits(std::string_view text) {
  const std::size_t last = text.find_last_of("0123456789.");
  return last == std::string_view::npos ? text : text.substr(last + 1);
}

}  // namespace

std::string parse_scalar(std::string_view text, bool& out) {
  if (text != "true" && text != "false") return "is not true or false; write one of them";
  out = text == "true";
  return {};
}
std::string parse_scalar(std::string_view text, std::int32_t& out) {
  return parse_whole(text, out);
}
std::string parse_scalar(std::string_view text, std::int64_t& out) {
  return parse_whole(text, out);
}
std::string parse_scalar(std::string_view text, std::uint64_t& out) {
  if (text.starts_with('-')) return "is negative; write a whole number from 0 up";
  return parse_whole(text, out);
}
std::string parse_scalar(std::string_view text, double& out) {
  if (has_leading_zero(text)) return "starts with a zero; write the number without it";
  const auto number = front_number(text);
  if (!number || number->second != text.size())
    return "is not a finite number; write one such as 0.9";
  out = number->first;
  return {};
}

std::string parse_scalar(std::string_view text, Duration& out) {
  const bool negative = text.starts_with('-');
  std::string_view rest = text.substr(negative ? 1 : 0);
  std::int64_t sum = 0;
  Part part = rest.empty() ? Part::wrong_unit : Part::read;
  if (rest == "0") rest = {};
  while (!rest.empty() && part == Part::read) {
    part = add_part(rest, [](auto name) { return find_unit(kDurations, name); }, sum);
    skip_spaces(rest);
  }
  if (part == Part::too_large) return "is longer than 292 years";
  if (part == Part::wrong_unit)
    return wrong_unit(kDurationKind, kDurationExample, after_digits(text), kDurations);
  out = Duration{negative ? -sum : sum};
  return {};
}

std::string parse_scalar(std::string_view text, Bytes& out) {
  const auto find = [](std::string_view name) {
    const bool short_form = name.size() == 2 && name[1] == 'i';  // Kubernetes' 16Gi
    return find_unit(kSizes, short_form ? std::string(name) + "B" : std::string(name));
  };
  std::int64_t sum = 0;
  std::string_view rest = text == "0" ? "0 B" : text;
  const Part part = add_part(rest, find, sum);
  if (part == Part::too_large) return "is more than 8 EiB";
  if (part == Part::wrong_unit || !rest.empty())
    return wrong_unit("a size", "80 GB (10^9 bytes) or 16 GiB (2^30)", after_digits(text), kSizes);
  out = Bytes{sum};
  return {};
}

std::string parse_scalar(std::string_view text, BytesPerSecond& out) {
  return parse_real(text, kBandwidth, out);
}
std::string parse_scalar(std::string_view text, FlopPerSecond& out) {
  return parse_real(text, kFlops, out);
}
std::string parse_scalar(std::string_view text, Watts& out) {
  return parse_real(text, kPower, out);
}
std::string parse_scalar(std::string_view text, UsdPerHour& out) {
  return parse_real(text, kPrice, out);
}
std::string parse_scalar(std::string_view text, PerSecond& out) {
  return parse_real(text, kRate, out);
}

std::string scalar_text(bool value) { return value ? "true" : "false"; }
std::string scalar_text(std::int32_t value) { return fmt::format("{}", value); }
std::string scalar_text(std::int64_t value) { return fmt::format("{}", value); }
std::string scalar_text(std::uint64_t value) { return fmt::format("{}", value); }
std::string scalar_text(double value) { return fmt::format("{}", value); }
std::string scalar_text(Duration value) {
  return value == Duration{0} ? "0s" : whole_text(value.count(), kDurations, "");
}
std::string scalar_text(Bytes value) {
  return value == Bytes{0} ? "0 B" : whole_text(value.count(), kSizes, " ");
}
std::string scalar_text(BytesPerSecond value) { return real_text(value, kBandwidth, " "); }
std::string scalar_text(FlopPerSecond value) { return real_text(value, kFlops, " "); }
std::string scalar_text(Watts value) { return real_text(value, kPower, " "); }
std::string scalar_text(UsdPerHour value) { return real_text(value, kPrice, " "); }
std::string scalar_text(PerSecond value) { return fmt::format("{}/s", value.count()); }

}  // namespace plimsoll
