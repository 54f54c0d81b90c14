#include "sim/kernel/windows.hpp"

#include <set>
#include <vector>

#include "bench/models/phold.hpp"
#include "sim/kernel/executor.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/aborts.hpp"
#include "tests/unit/kernel/reference_set.hpp"

namespace plimsoll {
namespace {

constexpr SimTime kEnd = at_ns(3'000'000'000);
constexpr double kAlwaysShare = 0;

PholdSetup setup_of(double remote) {
  PholdSetup setup;
  setup.remote = remote;
  return setup;
}

/// The oracle: one global list, no window.
std::uint64_t oracle_hash(const PholdSetup& setup, SimTime end = kEnd) {
  auto windows = phold<ReferenceSet>(setup, 1);
  windows.partitions().front().run_until(end);
  return phold_hash(windows.partitions());
}

template <class Set, class Executor>
std::uint64_t windowed_hash(const PholdSetup& setup, std::uint32_t parts, Executor executor) {
  auto windows = phold<Set>(setup, parts);
  windows.run_until(kEnd, executor, NoControl{}, kAlwaysShare);
  return phold_hash(windows.partitions());
}

TEST_CASE("histories are the same for every event set, partition and executor", "[kernel]") {
  for (const double remote : {0.1, 0.5, 0.9}) {
    const PholdSetup setup = setup_of(remote);
    const std::uint64_t expected = oracle_hash(setup);
    std::set<std::uint64_t> found;
    for (int twice = 0; twice < 2; ++twice) {
      for (const std::uint32_t parts : {1u, 2u, 16u}) {
        found.insert(windowed_hash<ReferenceSet>(setup, parts, SerialExecutor{}));
        found.insert(windowed_hash<EventHeap>(setup, parts, SerialExecutor{}));
        found.insert(windowed_hash<LadderQueue>(setup, parts, SerialExecutor{}));
        for (const unsigned threads : {1u, 2u, 3u, 8u}) {
          found.insert(windowed_hash<LadderQueue>(setup, parts, ThreadExecutor(threads)));
#ifndef __SANITIZE_THREAD__  // oneTBB is not built for it
          found.insert(windowed_hash<LadderQueue>(setup, parts, TbbExecutor(threads)));
#endif
        }
      }
    }
    CHECK(found == std::set<std::uint64_t>{expected});
  }
}

TEST_CASE("other seeds and other remote shares have other histories", "[kernel]") {
  PholdSetup other = setup_of(0.5);
  other.stream = RandomStream(1, "phold", "hops");
  CHECK(oracle_hash(setup_of(0.5)) != oracle_hash(other));
  CHECK(oracle_hash(setup_of(0.5)) != oracle_hash(setup_of(0.1)));
}

TEST_CASE("a copy of a run continues as the run itself does", "[kernel]") {
  const PholdSetup setup = setup_of(0.5);
  auto original = phold(setup, 4);
  SerialExecutor serial;
  ThreadExecutor threads(2);
  original.run_until(at_ns(1'234'567'890), serial);
  auto checkpoint = original;
  original.run_until(kEnd, threads, NoControl{}, kAlwaysShare);
  checkpoint.run_until(at_ns(2'000'000'001), serial);
  auto second = checkpoint;
  checkpoint.run_until(kEnd, serial);
  second.run_until(kEnd, threads);
  const std::uint64_t expected = oracle_hash(setup);
  CHECK(phold_hash(original.partitions()) == expected);
  CHECK(phold_hash(checkpoint.partitions()) == expected);
  CHECK(phold_hash(second.partitions()) == expected);
}

TEST_CASE("a partition on its own is checkpointed by copying it", "[kernel]") {
  auto windows = phold(setup_of(0.9), 1);
  auto& partition = windows.partitions().front();
  partition.run_until(at_ns(1'500'000'000));
  auto copy = partition;
  partition.run_until(kEnd);
  CHECK(copy.events() < partition.events());
  copy.run_until(kEnd);
  CHECK(copy.events() == partition.events());
  CHECK(phold_hash(std::vector{copy}) == oracle_hash(setup_of(0.9)));
}

TEST_CASE("small windows are run by one thread", "[kernel]") {
  auto windows = phold(setup_of(0.5), 2);
  ThreadExecutor threads(2);
  windows.run_until(kEnd, threads, NoControl{}, 1e9);
  CHECK(windows.report().shared == 0);
  CHECK(windows.report().windows >= 29);
  CHECK(phold_hash(windows.partitions()) == oracle_hash(setup_of(0.5)));
}

/// Looks at all histories every 0.7 s, and once sends a process an event.
struct Inspector {
  std::vector<std::uint64_t> seen;
  SimTime next = at_ns(700'000'000);
  bool interferes = false;

  SimTime next_time() const { return next; }
  template <class Partitions>
  void run_at(SimTime now, Partitions partitions, Outbox& outbox) {
    seen.push_back(phold_hash(partitions));
    next = now + Duration{700'000'000};
    if (!interferes) return;
    outbox.add({.key = order_key(now, EventClass::sensor, (1u << kSourceBits) - 1, seen.size()),
                .target = 1'000,
                .kind = kind_of<Hop, PholdProcess::Events>()});
  }
  static void receive(const Event&) { FAIL("PHOLD sends nothing to the control part"); }
};

TEST_CASE("the control part sees exactly what happened before its own time", "[kernel]") {
  const PholdSetup setup = setup_of(0.5);
  auto windows = phold(setup, 16);
  ThreadExecutor threads(3);
  Inspector inspector;
  windows.run_until(kEnd, threads, inspector, kAlwaysShare);
  REQUIRE(inspector.seen.size() == 4);
  for (std::int64_t i = 0; i < 4; ++i) {
    CHECK(inspector.seen[static_cast<std::size_t>(i)] ==
          oracle_hash(setup, at_ns((i + 1) * 700'000'000)));
  }
  CHECK(phold_hash(windows.partitions()) == oracle_hash(setup));
}

TEST_CASE("what the control part sends arrives, whatever the partitions and threads", "[kernel]") {
  std::set<std::uint64_t> found;
  for (const std::uint32_t parts : {1u, 4u, 16u}) {
    auto windows = phold(setup_of(0.5), parts);
    ThreadExecutor threads(2);
    Inspector inspector;
    inspector.interferes = true;
    windows.run_until(kEnd, threads, inspector, kAlwaysShare);
    found.insert(phold_hash(windows.partitions()));
  }
  CHECK(found.size() == 1);
  CHECK(found.count(oracle_hash(setup_of(0.5))) == 0);
}

/// Two worlds; the first hears a tick each 10 ns and tells the control part and the other world, 100 ns later.
class Ticker {
 public:
  explicit Ticker(std::uint32_t self) : self_(self) {}
  OrderKey next_external() const {
    return self_ == 0 ? order_key(at_ns(ticks_ * 10), EventClass::message, 0, 0) : kNoKey;
  }
  void external(Outbox& outbox) {
    for (const std::uint32_t target : {1u, 2u}) {
      outbox.add({.key = order_key(at_ns(ticks_ * 10 + lookahead), EventClass::message, 0,
                                   static_cast<std::uint64_t>(2 * ticks_ + target)),
                  .target = target});
    }
    ++ticks_;
  }
  void handle(const Event&, Outbox&) { ++heard; }
  static std::uint32_t partition_of(const Event& event) { return event.target; }
  static SimTime earliest_output(SimTime earliest) { return earliest + Duration{100}; }

  std::int64_t lookahead = 100;
  int heard = 0;

 private:
  std::uint32_t self_;
  std::int64_t ticks_ = 0;
};

struct Listener {
  std::vector<std::int64_t> pending;
  std::vector<std::int64_t> heard;

  SimTime next_time() const { return pending.empty() ? kNever : at_ns(pending.front()); }
  void receive(const Event& event) { pending.push_back(to_ns(event.key.at())); }
  template <class Partitions>
  void run_at(SimTime now, Partitions partitions, Outbox&) {
    // The other world has heard all earlier ticks and not this one.
    CHECK(partitions[1].world().heard == static_cast<int>(heard.size()));
    CHECK(to_ns(now) == pending.front());
    heard.push_back(pending.front());
    pending.erase(pending.begin());
  }
};

TEST_CASE("mail reaches the control part in time", "[kernel]") {
  Windows<Ticker> windows({Partition<Ticker>(Ticker(0), 0), Partition<Ticker>(Ticker(1), 1)});
  SerialExecutor serial;
  Listener listener;
  windows.run_until(at_ns(1'000), serial, listener);
  CHECK(listener.heard.size() == 90);
  CHECK(windows.partitions()[1].world().heard == 90);
}

TEST_CASE("mail that undercuts the stated lookahead is a broken invariant", "[kernel]") {
  const auto run = [](std::int64_t lookahead) {
    Ticker liar(0);
    liar.lookahead = lookahead;
    Windows<Ticker> windows({Partition<Ticker>(liar, 0), Partition<Ticker>(Ticker(1), 1)});
    SerialExecutor serial;
    Listener listener;
    windows.run_until(at_ns(250), serial, listener);
  };
  CHECK_FALSE(aborts([&] { run(100); }));
  CHECK(aborts([&] { run(99); }));
}

TEST_CASE("an event before what a partition has run past is a broken invariant", "[kernel]") {
  auto windows = phold(setup_of(0.5), 1);
  auto& partition = windows.partitions().front();
  partition.run_until(at_ns(1'000));
  const Event late{.key = order_key(at_ns(999), EventClass::message, 0, 1 << 20)};
  CHECK(aborts([&] { partition.receive(late); }));
}

}  // namespace
}  // namespace plimsoll
