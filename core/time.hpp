// Simulated time: whole nanoseconds since the start of the run, so that a tie is a tie everywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace plimsoll {

/// The clock of a simulation. It has no `now()`: time belongs to a run, never to the process.
struct SimClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};

using Duration = SimClock::duration;   ///< whole nanoseconds
using SimTime = SimClock::time_point;  ///< whole nanoseconds since the run's start

/// Later than anything that happens.
inline constexpr SimTime kNever{Duration{std::numeric_limits<std::int64_t>::max()}};

constexpr SimTime at_ns(std::int64_t ns) { return SimTime{Duration{ns}}; }
constexpr std::int64_t to_ns(SimTime time) { return time.time_since_epoch().count(); }
constexpr std::int64_t to_ns(Duration duration) { return duration.count(); }
constexpr double to_seconds(Duration duration) {
  return static_cast<double>(duration.count()) * 1e-9;
}
constexpr double to_seconds(SimTime time) { return to_seconds(time.time_since_epoch()); }

/// Rounds half away from zero to whole nanoseconds.
constexpr Duration from_seconds(double seconds) {
  const double ns = seconds * 1e9;
  return Duration{static_cast<std::int64_t>(ns < 0 ? ns - 0.5 : ns + 0.5)};
}

}  // namespace plimsoll
