// The closed list of what can happen to one kind of entity, and how such an event travels in 8 bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "sim/kernel/event.hpp"

namespace plimsoll {

/// `using Events = EventList<RequestArrived, StepDone>;` in an entity. Each is a struct of at most 8 plain bytes.
template <class... Members>
struct EventList {
  static_assert(
      ((std::is_trivially_copyable_v<Members> && sizeof(Members) <= 8) && ...),
      "an event is a plain struct of at most 8 bytes; keep more in an arena and send its index");
  static constexpr std::size_t size = sizeof...(Members);

  template <class Member>
  static consteval std::uint16_t kind_of() {
    static_assert((std::is_same_v<Member, Members> || ...),
                  "the target's Events do not list this event");
    std::uint16_t kind = 0;
    bool found = false;
    ((found = found || std::is_same_v<Member, Members>,
      kind = static_cast<std::uint16_t>(kind + (found ? 0 : 1))),
     ...);
    return kind;
  }
};

/// An event's position in the list of its target, which is its `Event::kind`.
template <class Member, class List>
consteval std::uint16_t kind_of() {
  return List::template kind_of<Member>();
}

template <class Member>
std::uint64_t pack(const Member& event) {
  std::uint64_t payload = 0;
  if constexpr (!std::is_empty_v<Member>) std::memcpy(&payload, &event, sizeof(Member));
  return payload;
}

template <class Member>
Member unpack(std::uint64_t payload) {
  Member event{};
  if constexpr (!std::is_empty_v<Member>)
    std::memcpy(static_cast<void*>(&event), &payload, sizeof(Member));
  return event;
}

/// The entity has a handler for the event.
template <class Entity, class Member, class Context>
concept Handles =
    requires(Entity entity, Member member, Context context) { entity.on(member, context); };

namespace detail {

template <class Entity, class Context, class... Members>
void dispatch(Entity& entity, const Event& event, Context& context, EventList<Members...>) {
  static_assert((Handles<Entity, Members, Context> && ...),
                "the entity lists an event that it has no on(event, context) for");
  std::uint16_t kind = 0;
  const bool handled =
      ((event.kind == kind++ ? (entity.on(unpack<Members>(event.payload), context), true)
                             : false) ||
       ...);
  PLIMSOLL_ASSERT(handled, "kind = {} of {}", event.kind, sizeof...(Members));
}

}  // namespace detail

/// Calls `entity.on(event, context)` for the event that `event.kind` names.
template <class Entity, class Context>
void dispatch(Entity& entity, const Event& event, Context& context) {
  detail::dispatch(entity, event, context, typename Entity::Events{});
}

}  // namespace plimsoll
