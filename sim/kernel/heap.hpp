// A 4-ary heap whose selection of the smallest child has no branch: the event set for what cannot be bucketed.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/kernel/event.hpp"

namespace plimsoll {

/// An event set: push, top, pop in order of key. Copyable.
class EventHeap {
 public:
  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }
  const Event& top() const { return events_.front(); }

  void push(const Event& event) {
    events_.push_back(event);
    rise(events_.size() - 1, event);
  }

  /// Moves the hole at the root down to a leaf, then the last event up from there: it is nearly always a leaf.
  void pop() {
    const Event last = events_.back();
    events_.pop_back();
    if (events_.empty()) return;
    const std::size_t count = events_.size();
    std::size_t hole = 0;
    for (std::size_t child = 1; child + 3 < count; child = 4 * hole + 1) {
      const std::size_t best = smallest_of_four(child);
      events_[hole] = events_[best];
      hole = best;
    }
    const std::size_t first = 4 * hole + 1;
    if (first < count) {
      std::size_t best = first;
      for (std::size_t i = first + 1; i < count; ++i) {
        best = events_[i].key < events_[best].key ? i : best;
      }
      events_[hole] = events_[best];
      hole = best;
    }
    rise(hole, last);
  }

 private:
  std::size_t smallest_of_four(std::size_t child) const {
    const Event* c = &events_[child];
    const std::size_t left = static_cast<std::size_t>(c[1].key < c[0].key);
    const std::size_t right = 2 + static_cast<std::size_t>(c[3].key < c[2].key);
    const std::size_t take_right = 0 - static_cast<std::size_t>(c[right].key < c[left].key);
    return child + (left ^ ((left ^ right) & take_right));
  }

  void rise(std::size_t hole, const Event& event) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (!(event.key < events_[parent].key)) break;
      events_[hole] = events_[parent];
      hole = parent;
    }
    events_[hole] = event;
  }

  std::vector<Event> events_;
};

}  // namespace plimsoll
