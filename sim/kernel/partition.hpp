// A partition: a part of the model that runs its own exact event loop, and the mail that it sends to other parts.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernel/ladder_queue.hpp"

namespace plimsoll {

/// A set of pending events: pops in order of key, copyable.
template <class Set>
concept EventSet = std::copyable<Set> && requires(Set set, const Set constant, const Event& event) {
  set.push(event);
  set.pop();
  { set.top() } -> std::convertible_to<const Event&>;
  { constant.empty() } -> std::same_as<bool>;
  { constant.size() } -> std::convertible_to<std::size_t>;
};

/// The entities of a partition. A world is a value: copying it is a checkpoint.
///  - `next_external()`: the key of the next event of a stream that never enters the event set, such as arrivals;
///    `kNoKey` if there is none. `external(outbox)` handles it and moves on.
///  - `handle(event, outbox)`: delivers an event to its entity.
///  - `partition_of(event)`: the index of the partition that the event's target lives in.
template <class W>
concept World =
    std::copyable<W> && requires(W world, const W constant, const Event& event, Outbox& outbox) {
      { constant.next_external() } -> std::same_as<OrderKey>;
      world.external(outbox);
      world.handle(event, outbox);
      { constant.partition_of(event) } -> std::same_as<std::uint32_t>;
    };

/// What one partition sends to the others during one window: a list for each destination. Like a partition it shares
/// no cache line with its neighbour, which another thread may be writing.
class alignas(64) Mail {
 public:
  Mail() = default;
  explicit Mail(std::size_t destinations) : to_(destinations) {}

  void clear() {
    for (auto& events : to_) events.clear();
    earliest_ = kNever;
  }
  void post(std::uint32_t destination, const Event& event) {
    PLIMSOLL_ASSERT(destination < to_.size(), "destination = {} of {}", destination, to_.size());
    to_[destination].push_back(event);
    earliest_ = std::min(earliest_, event.key.at());
  }
  const std::vector<Event>& to(std::uint32_t destination) const { return to_[destination]; }
  /// When the first of all lands; `kNever` if there is none.
  SimTime earliest() const { return earliest_; }

 private:
  std::vector<std::vector<Event>> to_;
  SimTime earliest_ = kNever;
};

/// A world with its event set. A value: a copy made between two calls continues exactly as the original does.
template <World WorldType, EventSet Set = LadderQueue>
class alignas(64) Partition {
 public:
  /// `self` is the index that `world.partition_of` gives for the entities that live here.
  explicit Partition(WorldType world, std::uint32_t self = 0)
      : world_(std::move(world)), self_(self) {}

  WorldType& world() { return world_; }
  const WorldType& world() const { return world_; }
  /// Events handled so far, external ones included.
  std::uint64_t events() const { return events_; }
  std::size_t pending() const { return pending_.size(); }

  /// The time of the next event here; `kNever` if there is none.
  SimTime next_time() {
    const OrderKey external = world_.next_external();
    if (pending_.empty()) return external.at();
    return std::min(external, pending_.top().key).at();
  }

  /// An event from elsewhere. What this partition has already run past cannot be changed: that is an assertion.
  void receive(const Event& event) {
    PLIMSOLL_ASSERT(event.key.at() >= done_until_, "event at {} ns, done until {} ns, target {}",
                    event.key.time, to_ns(done_until_), event.target);
    pending_.push(event);
  }

  /// Handles all events before `end`, in order of key; what goes elsewhere is posted in `mail`, and lands after `end`.
  void run_until(SimTime end, Mail& mail) {
    const auto limit = static_cast<std::uint64_t>(to_ns(end));
    for (;;) {
      const OrderKey external = world_.next_external();
      if (pending_.empty() || external < pending_.top().key) {
        if (external.time >= limit) break;
        world_.external(outbox_);
      } else {
        const Event event = pending_.top();
        if (event.key.time >= limit) break;
        pending_.pop();
        world_.handle(event, outbox_);
      }
      ++events_;
      if (!outbox_.empty()) sort_out(limit, mail);
    }
    done_until_ = std::max(done_until_, end);
  }

  /// The same for a partition that is the whole model: an event for elsewhere is an assertion.
  void run_until(SimTime end) {
    Mail nowhere;
    run_until(end, nowhere);
  }

  /// Empties the event set, in order of key, for another engine that takes the world over: `visit(event)`.
  template <class Visit>
  void hand_over(Visit&& visit) {
    for (; !pending_.empty(); pending_.pop()) visit(pending_.top());
  }

 private:
  void sort_out(std::uint64_t limit, Mail& mail) {
    for (const Event& event : outbox_.events()) {
      const std::uint32_t destination = world_.partition_of(event);
      if (destination == self_) {
        pending_.push(event);
      } else {
        PLIMSOLL_ASSERT(event.key.time >= limit, "mail at {} ns to {} in a window until {} ns",
                        event.key.time, destination, limit);
        mail.post(destination, event);
      }
    }
    outbox_.clear();
  }

  WorldType world_;
  Set pending_;
  Outbox outbox_;
  SimTime done_until_{};
  std::uint64_t events_ = 0;
  std::uint32_t self_ = 0;
};

}  // namespace plimsoll
