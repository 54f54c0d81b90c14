// What an entity may do while it handles an event: read the clock, wake itself, send to others. Nothing else.
#pragma once

#include <cstdint>

#include "sim/kernel/event_list.hpp"

namespace plimsoll {

/// An entity where it lives, by value, in its world's vector of that kind.
template <class Entity>
struct Slot {
  Entity entity;
  std::uint32_t id = 0;        ///< in the run, below 2^24: the same in every partition and engine
  std::uint64_t sequence = 0;  ///< how many events it has sent
};

/// The world as `Entity` sees it during one event. Every event lands later in the order than the one being handled.
template <class Entity>
class Context {
 public:
  Context(SimTime now, Slot<Entity>& slot, Outbox& outbox)
      : now_(now), slot_(slot), outbox_(outbox) {}

  SimTime now() const { return now_; }
  std::uint32_t self() const { return slot_.id; }

  /// An event of its own (a step's end), at `at` >= now; after all messages that land at that time.
  template <class Own>
  void wake(SimTime at, const Own& event) {
    PLIMSOLL_ASSERT(at >= now_, "wake at {} ns, now {} ns", to_ns(at), to_ns(now_));
    add<Entity>(EventClass::completion, slot_.id, at, event);
  }

  /// A message to another entity. It takes at least 1 ns, so that events of one time at different entities commute.
  template <class Target, class Message>
  void send(std::uint32_t target, SimTime at, const Message& message) {
    later(at);
    add<Target>(EventClass::message, target, at, message);
  }

  /// A sensor's reading, which lands before the messages of its time. It takes at least 1 ns.
  template <class Target, class Reading>
  void publish(std::uint32_t target, SimTime at, const Reading& reading) {
    later(at);
    add<Target>(EventClass::sensor, target, at, reading);
  }

 private:
  void later(SimTime at) const {
    PLIMSOLL_ASSERT(at > now_, "sent to {} ns, now {} ns", to_ns(at), to_ns(now_));
  }
  template <class Target, class Member>
  void add(EventClass event_class, std::uint32_t target, SimTime at, const Member& event) {
    outbox_.add({.key = order_key(at, event_class, slot_.id, slot_.sequence++),
                 .target = target,
                 .kind = kind_of<Member, typename Target::Events>(),
                 .payload = pack(event)});
  }

  SimTime now_;
  Slot<Entity>& slot_;
  Outbox& outbox_;
};

/// Hands an event to the entity that it is for.
template <class Entity>
void deliver(Slot<Entity>& slot, const Event& event, Outbox& outbox) {
  Context<Entity> context(event.key.at(), slot, outbox);
  dispatch(slot.entity, event, context);
}

}  // namespace plimsoll
