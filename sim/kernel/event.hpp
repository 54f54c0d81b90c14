// What the kernel moves: a plain 32-byte record, whatever the event means to its target.
#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

#include "sim/kernel/order_key.hpp"

namespace plimsoll {

struct Event {
  OrderKey key;
  std::uint32_t target = 0;    ///< the receiving entity's id in the run
  std::uint16_t kind = 0;      ///< position in the target's own list of events
  std::uint16_t reserved = 0;  ///< zero
  std::uint64_t payload = 0;   ///< the event's fields, or an index of where they are kept
};
static_assert(sizeof(Event) == 32 && std::is_trivially_copyable_v<Event>);

/// What a handler sent; the engine empties it after every event.
class Outbox {
 public:
  void add(const Event& event) { events_.push_back(event); }
  const std::vector<Event>& events() const { return events_; }
  bool empty() const { return events_.empty(); }
  void clear() { events_.clear(); }

 private:
  std::vector<Event> events_;
};

}  // namespace plimsoll
