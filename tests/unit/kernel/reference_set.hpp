// The oracle of event sets: the standard library's heap.
#pragma once

#include <queue>
#include <vector>

#include "sim/kernel/event.hpp"

namespace plimsoll {

class ReferenceSet {
 public:
  void push(const Event& event) { events_.push(event); }
  const Event& top() const { return events_.top(); }
  void pop() { events_.pop(); }
  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }

 private:
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return b.key < a.key; }
  };
  std::priority_queue<Event, std::vector<Event>, Later> events_;
};

}  // namespace plimsoll
