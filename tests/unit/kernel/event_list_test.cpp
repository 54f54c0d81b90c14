#include "sim/kernel/event_list.hpp"

#include <string>

#include "sim/kernel/context.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/aborts.hpp"

namespace plimsoll {
namespace {

struct Ring {};
struct Call {
  std::uint32_t number = 0;
  std::uint16_t line = 0;
};
struct Hang {
  std::int64_t after = 0;
};

class Phone {
 public:
  using Events = EventList<Ring, Call, Hang>;
  void on(Ring, Context<Phone>&) { log += "ring "; }
  void on(Call call, Context<Phone>& context) {
    log += "call " + std::to_string(call.number) + "/" + std::to_string(call.line) + " ";
    context.send<Phone>(9, context.now() + Duration{5}, Ring{});
    context.wake(context.now(), Hang{-3});
    context.publish<Phone>(8, context.now() + Duration{1}, Hang{4});
  }
  void on(Hang hang, Context<Phone>&) { log += "hang " + std::to_string(hang.after) + " "; }

  std::string log;
};

static_assert(kind_of<Ring, Phone::Events>() == 0);
static_assert(kind_of<Call, Phone::Events>() == 1);
static_assert(kind_of<Hang, Phone::Events>() == 2);

Event call(std::int64_t at) {
  return {.key = order_key(at_ns(at), EventClass::message, 1, 0),
          .target = 4,
          .kind = kind_of<Call, Phone::Events>(),
          .payload = pack(Call{77, 3})};
}

TEST_CASE("an entity gets each event by its type, with its fields", "[kernel]") {
  Slot<Phone> slot{.entity = {}, .id = 4};
  Outbox outbox;
  deliver(slot, call(10), outbox);
  REQUIRE(outbox.events().size() == 3);
  for (const Event& event : std::vector<Event>(outbox.events())) deliver(slot, event, outbox);
  CHECK(slot.entity.log == "call 77/3 ring hang -3 hang 4 ");
}

TEST_CASE("what an entity sends carries its id, its own sequence and the class of the event",
          "[kernel]") {
  Slot<Phone> slot{.entity = {}, .id = 4};
  Outbox outbox;
  deliver(slot, call(10), outbox);
  const std::vector<Event>& sent = outbox.events();
  CHECK(sent[0].key == order_key(at_ns(15), EventClass::message, 4, 0));
  CHECK(sent[1].key == order_key(at_ns(10), EventClass::completion, 4, 1));
  CHECK(sent[2].key == order_key(at_ns(11), EventClass::sensor, 4, 2));
  CHECK(sent[0].target == 9);
  CHECK(sent[1].target == 4);
  CHECK(sent[2].target == 8);
  CHECK(slot.sequence == 3);
}

TEST_CASE("at one time sensors come before messages and messages before completions", "[kernel]") {
  const auto key = [](EventClass event_class, std::uint32_t source, std::uint64_t sequence) {
    return order_key(at_ns(5), event_class, source, sequence);
  };
  CHECK(key(EventClass::sensor, 9, 9) < key(EventClass::message, 1, 1));
  CHECK(key(EventClass::message, 9, 9) < key(EventClass::completion, 1, 1));
  CHECK(key(EventClass::message, 1, 9) < key(EventClass::message, 2, 1));
  CHECK(key(EventClass::message, 1, 1) < key(EventClass::message, 1, 2));
  CHECK(key(EventClass::completion, 9, 9) < order_key(at_ns(6), EventClass::sensor, 0, 0));
  CHECK(key(EventClass::message, 6, 3).source() == 6);
  CHECK(key(EventClass::message, 6, 3).event_class() == EventClass::message);
  CHECK(key(EventClass::message, 6, 3) < kNoKey);
}

TEST_CASE("an event sent into the past or the present is a broken invariant", "[kernel]") {
  Slot<Phone> slot{.entity = {}, .id = 4};
  Outbox outbox;
  Context<Phone> context(at_ns(10), slot, outbox);
  CHECK(aborts([&] { context.send<Phone>(1, at_ns(10), Ring{}); }));
  CHECK(aborts([&] { context.publish<Phone>(1, at_ns(9), Ring{}); }));
  CHECK(aborts([&] { context.wake(at_ns(9), Ring{}); }));
  CHECK_FALSE(aborts([&] { context.send<Phone>(1, at_ns(11), Ring{}); }));
  CHECK_FALSE(aborts([&] { context.wake(at_ns(10), Ring{}); }));
}

}  // namespace
}  // namespace plimsoll
