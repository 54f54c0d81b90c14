#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "core/exponential.hpp"
#include "core/random_stream.hpp"
#include "sim/kernel/heap.hpp"
#include "sim/kernel/ladder_queue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/reference_set.hpp"

namespace plimsoll {
namespace {

/// When the next event is put, given the time of the last one taken and 64 random bits.
struct Workload {
  std::string name;
  std::function<std::uint64_t(std::uint64_t now, std::uint64_t bits)> next;
};

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{
      {"exponential",
       [](std::uint64_t now, std::uint64_t bits) {
         return now + static_cast<std::uint64_t>(to_ns(exponential(from_seconds(1), bits)));
       }},
      {"skewed over twelve decades",
       [](std::uint64_t now, std::uint64_t bits) {
         return now + ((bits & 0xFFFFF) << ((bits >> 32) % 21));
       }},
      {"mostly near, a few beyond all others",
       [](std::uint64_t now, std::uint64_t bits) {
         constexpr std::uint64_t kFar = std::uint64_t{1} << 61;
         return bits % 100 == 0 && now < kFar ? kFar + (bits >> 30) : now + (bits >> 54);
       }},
      {"bursts at round times",
       [](std::uint64_t now, std::uint64_t bits) {
         return (now / 1'000'000 + 1 + bits % 3) * 1'000'000;
       }},
      {"bursts among a fine stream",
       [](std::uint64_t now, std::uint64_t bits) {
         return bits % 2 == 0 ? (now / 1'000'000 + 1) * 1'000'000 : now + 1 + (bits >> 50);
       }},
      {"all at one time", [](std::uint64_t, std::uint64_t) { return std::uint64_t{7}; }},
      {"monotone", [](std::uint64_t now, std::uint64_t) { return now + 1000; }},
      {"at the present", [](std::uint64_t now, std::uint64_t bits) { return now + bits % 2; }},
  };
  return all;
}

/// A set and its oracle under one random sequence of operations.
template <class Set>
class Duel {
 public:
  explicit Duel(const Workload& workload, std::uint64_t seed)
      : workload_(&workload), stream_(seed, workload.name, "event set") {}

  void push() {
    const std::uint64_t time = workload_->next(now_, stream_.bits(draw_, 1));
    // Sources differ, so that ties do not come in order.
    const auto source = static_cast<std::uint32_t>(stream_.bits(draw_, 2) >> 40);
    const Event event{.key = order_key(at_ns(static_cast<std::int64_t>(time)), EventClass::message,
                                       source, draw_),
                      .target = static_cast<std::uint32_t>(draw_),
                      .payload = ~draw_};
    ++draw_;
    set_.push(event);
    oracle_.push(event);
  }
  bool pop() {
    const Event expected = oracle_.top();
    const Event found = set_.top();
    oracle_.pop();
    set_.pop();
    now_ = expected.key.time;
    return found.key == expected.key && found.target == expected.target &&
           found.payload == expected.payload && set_.size() == oracle_.size();
  }
  /// `steps` operations that keep about `pending` events; false at the first difference.
  bool run(std::size_t steps, std::size_t pending) {
    for (std::size_t step = 0; step < steps; ++step) {
      const bool grow = stream_.bits(draw_ + step, 3) % 4 != 0 ? oracle_.size() < pending
                                                               : stream_.bits(draw_, 4) % 2 == 0;
      if (grow || oracle_.empty()) {
        push();
      } else if (!pop()) {
        return false;
      }
    }
    return true;
  }
  bool drain() {
    while (!oracle_.empty()) {
      if (!pop()) return false;
    }
    return set_.empty();
  }

 private:
  const Workload* workload_;
  RandomStream stream_;
  std::uint64_t draw_ = 0;
  std::uint64_t now_ = 0;
  Set set_;
  ReferenceSet oracle_;
};

TEMPLATE_TEST_CASE("an event set pops in the order of the oracle", "[kernel]", LadderQueue,
                   EventHeap) {
  for (const Workload& workload : workloads()) {
    for (const std::size_t pending : {1, 3, 47, 50, 300, 20'000}) {
      INFO(workload.name << ", " << pending << " pending");
      Duel<TestType> duel(workload, pending);
      REQUIRE(duel.run(3 * pending + 5'000, pending));
      REQUIRE(duel.run(500, 2));  // shrinks, then grows again
      REQUIRE(duel.run(3 * pending, pending));
      REQUIRE(duel.drain());
    }
  }
}

/// CPU seconds in which a set takes in `pending` events and then holds them for as many steps.
template <class Set>
double cpu_seconds(const Workload& workload, std::uint64_t pending) {
  const RandomStream stream(1, workload.name, "cost");
  Set set;
  std::uint64_t draw = 0;
  const auto push = [&](std::uint64_t now) {
    const auto [bits, source] = stream.block(draw);
    const auto time = at_ns(static_cast<std::int64_t>(workload.next(now, bits)));
    set.push({.key = order_key(time, EventClass::message, static_cast<std::uint32_t>(source >> 40),
                               draw++)});
  };
  const std::clock_t start = std::clock();
  while (set.size() < pending) push(0);
  for (std::uint64_t step = 0; step < 2 * pending; ++step) {
    const std::uint64_t now = set.top().key.time;
    set.pop();
    push(now);
  }
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST_CASE("no distribution of times makes the ladder queue slow", "[kernel]") {
  for (const Workload& workload : workloads()) {
    const double heap_s = cpu_seconds<ReferenceSet>(workload, 100'000);
    const double ladder_s = cpu_seconds<LadderQueue>(workload, 100'000);
    CHECK(ladder_s <
          5 * heap_s + 0.05);  // work that grows with the square would be a hundred times
  }
}

TEMPLATE_TEST_CASE("a copy of an event set goes on as the original does", "[kernel]", LadderQueue,
                   EventHeap) {
  for (const Workload& workload : workloads()) {
    INFO(workload.name);
    Duel<TestType> original(workload, 1);
    REQUIRE(original.run(10'000, 2'000));
    Duel<TestType> copy = original;
    REQUIRE(copy.run(5'000, 3'000));
    REQUIRE(original.run(5'000, 100));
    REQUIRE(copy.drain());
    REQUIRE(original.drain());
  }
}

TEMPLATE_TEST_CASE("an event set takes events that land before what was looked at last", "[kernel]",
                   LadderQueue, EventHeap) {
  TestType set;
  ReferenceSet oracle;
  std::uint64_t sequence = 0;
  const auto push = [&](std::int64_t time) {
    const Event event{.key = order_key(at_ns(time), EventClass::message, 0, sequence++)};
    set.push(event);
    oracle.push(event);
  };
  for (int i = 0; i < 5'000; ++i) push(1'000'000);
  for (std::int64_t window = 0; window < 2'000; ++window) {
    REQUIRE(set.top().key == oracle.top().key);
    push(window * 400);
    push(1'000'000 - window % 7);
    while (oracle.top().key.at() <= at_ns(window * 400)) {
      REQUIRE(set.top().key == oracle.top().key);
      set.pop();
      oracle.pop();
    }
  }
  for (; !oracle.empty(); oracle.pop(), set.pop()) REQUIRE(set.top().key == oracle.top().key);
  CHECK(set.empty());
}

}  // namespace
}  // namespace plimsoll
