// Numbers, durations and quantities as text, both ways: "50ms", "80 GB", "16Gi", "3.35 TB/s", "2.69 USD/h".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/quantity.hpp"
#include "core/time.hpp"

namespace plimsoll {

/// Reads all of `text` into `out`. Returns nothing when that worked; otherwise `out` is untouched and the result says
/// what is wrong and what to write, so that "<name> = <text> <result>" is a sentence: `has no unit; write 50s or 50ms`.
///
/// Booleans are `true` and `false` alone. Whole numbers have no leading zero, real numbers are finite. Quantities need
/// their unit, but for a plain 0 of time or bytes:
///   Duration        ns, us, ms, s, m, h, and sums of them such as 1h30m; to the nearest nanosecond
///   Bytes           B, kB, MB, GB, TB, PB (powers of 1000), KiB ... PiB or Ki ... Pi (of 1024)
///   BytesPerSecond  the same with "/s"; FlopPerSecond  FLOP/s ... PFLOP/s; Watts  W, kW, MW
///   UsdPerHour      USD/h; PerSecond  /s, /min, /h
[[nodiscard]] std::string parse_scalar(std::string_view text, bool& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, std::int32_t& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, std::int64_t& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, std::uint64_t& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, double& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, Duration& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, Bytes& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, BytesPerSecond& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, FlopPerSecond& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, Watts& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, UsdPerHour& out);
[[nodiscard]] std::string parse_scalar(std::string_view text, PerSecond& out);

/// The shortest text that parse_scalar reads back as exactly this value.
std::string scalar_text(bool value);
std::string scalar_text(std::int32_t value);
std::string scalar_text(std::int64_t value);
std::string scalar_text(std::uint64_t value);
std::string scalar_text(double value);
std::string scalar_text(Duration value);
std::string scalar_text(Bytes value);
std::string scalar_text(BytesPerSecond value);
std::string scalar_text(FlopPerSecond value);
std::string scalar_text(Watts value);
std::string scalar_text(UsdPerHour value);
std::string scalar_text(PerSecond value);

}  // namespace plimsoll
