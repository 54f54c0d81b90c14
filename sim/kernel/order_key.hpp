// The order of events: total, the same for every engine, thread count and partition (docs/architecture.md).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "core/assert.hpp"
#include "core/time.hpp"

namespace plimsoll {

/// What goes first at equal time: readings of sensors, then messages and arrivals, then an entity's own completions.
enum class EventClass : std::uint8_t { sensor = 0, message = 1, completion = 2 };

inline constexpr unsigned kSourceBits = 24;
inline constexpr unsigned kSequenceBits = 36;

/// 16 bytes: nanoseconds since the run's start, then class (4 bits), source (24) and the source's own sequence (36).
/// The sequence counts what that source sent, so a key does not depend on who runs where.
struct OrderKey {
  std::uint64_t time = 0;
  std::uint64_t tie = 0;

  constexpr SimTime at() const { return at_ns(static_cast<std::int64_t>(time)); }
  constexpr EventClass event_class() const {
    return static_cast<EventClass>(tie >> (kSourceBits + kSequenceBits));
  }
  constexpr std::uint32_t source() const {
    return static_cast<std::uint32_t>(tie >> kSequenceBits) & ((1u << kSourceBits) - 1);
  }

  friend constexpr bool operator==(OrderKey, OrderKey) = default;
  /// One 128-bit comparison: no branch, whatever the times are.
  friend constexpr bool operator<(OrderKey a, OrderKey b) { return a.wide() < b.wide(); }
  friend constexpr bool operator>(OrderKey a, OrderKey b) { return b < a; }
  friend constexpr bool operator<=(OrderKey a, OrderKey b) { return !(b < a); }
  friend constexpr bool operator>=(OrderKey a, OrderKey b) { return !(a < b); }

 private:
  __extension__ using Wide = unsigned __int128;
  constexpr Wide wide() const { return (static_cast<Wide>(time) << 64) | tie; }
};

/// After every key that happens: what a stream without a next event reports.
inline constexpr OrderKey kNoKey{static_cast<std::uint64_t>(to_ns(kNever)),
                                 std::numeric_limits<std::uint64_t>::max()};

/// `source` is the sender's id in the run (below 2^24), `sequence` counts what it has sent (below 2^36).
constexpr OrderKey order_key(SimTime at, EventClass event_class, std::uint32_t source,
                             std::uint64_t sequence) {
  PLIMSOLL_ASSERT(to_ns(at) >= 0, "time = {} ns", to_ns(at));
  PLIMSOLL_ASSERT((source >> kSourceBits) == 0, "source = {}", source);
  PLIMSOLL_ASSERT((sequence >> kSequenceBits) == 0, "sequence = {}", sequence);
  return {static_cast<std::uint64_t>(to_ns(at)),
          (static_cast<std::uint64_t>(event_class) << (kSourceBits + kSequenceBits)) |
              (static_cast<std::uint64_t>(source) << kSequenceBits) | sequence};
}

}  // namespace plimsoll
