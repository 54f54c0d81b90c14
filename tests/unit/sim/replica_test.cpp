// The production replica against the plain reference, request by request, on random workloads.
#include <algorithm>
#include <memory>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/compare_replica.hpp"
#include "workloads/step_time/linear.hpp"

using namespace plimsoll;
using oracle::random_case;
using oracle::RandomCase;

TEST_CASE(
    "macro-steps and single iterations both serve every request at the nanosecond of the reference",
    "[sim][replica]") {
  oracle::Covered covered;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    oracle::compare_with_reference(random_case(seed), covered);
  }
  CHECK(covered.preemptions > 1000);  // the workloads do run short of blocks
}

TEST_CASE("the events of a request do not grow with its output length", "[sim][replica]") {
  ReplicaSetup setup;
  setup.step_time = std::make_shared<LinearStepTime>(
      LinearStepTime::Config{.base = ticks_from_seconds(5e-3), .per_context_token = 1000});
  setup.kv_blocks = 100'000;
  Slot<Replica> slot{Replica(setup, 0), 2};
  Outbox outbox;
  slot.entity.send({at_ns(0), 0, 100, 10'000});
  int events = 0;
  for (; !slot.entity.wire().empty() || slot.entity.wakes_at() != kNever; ++events) {
    const bool lands = !slot.entity.wire().empty();
    const SimTime now = lands ? at_ns(0) : slot.entity.wakes_at();
    Context<Replica> context(now, slot, outbox);
    if (lands) {
      slot.entity.on(RequestArrived{}, context);
    } else {
      slot.entity.on(StepDone{slot.entity.generation()}, context);
    }
  }
  CHECK(slot.entity.finished().size() == 1);
  CHECK(events ==
        4);  // it lands, the engine wakes, its prefill ends, its 9,999 decode iterations end
}

TEST_CASE("a replica is never idle while a request waits", "[sim][replica][law]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const RandomCase random = random_case(seed);
    const oracle::ServedByOne served = oracle::serve_by_one(random.setup, random.arrivals);
    // Work conservation: busy time is the union of the intervals in which some request is inside.
    std::vector<std::pair<std::int64_t, std::int64_t>> inside;
    for (std::size_t i = 0; i < random.arrivals.size(); ++i) {
      inside.emplace_back(to_ns(random.arrivals[i].at),
                          served.requests[i].finish_ns - to_ns(random.setup.response_latency));
    }
    std::sort(inside.begin(), inside.end());
    std::int64_t busy = 0;
    std::int64_t until = -1;
    for (const auto& [from, to] : inside) {
      busy += std::max<std::int64_t>(0, to - std::max(from, until));
      until = std::max(until, to);
    }
    std::int64_t counted = 0;
    for (const std::int64_t ns : served.fact.busy_ns) counted += ns;
    INFO("seed " << seed);
    REQUIRE(counted == busy);
  }
}

TEST_CASE("a faster model never finishes a replica's work later", "[sim][replica][law]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomCase random = random_case(seed);
    random.setup.kv_blocks = 1'000'000;
    LinearStepTime::Config law{.base = ticks_from_seconds(4e-3),
                               .per_sequence = 100'000,
                               .per_context_token = 40'000,
                               .per_prefill_token = 300'000};
    random.setup.step_time = std::make_shared<LinearStepTime>(law);
    const oracle::ServedByOne slow = oracle::serve_by_one(random.setup, random.arrivals);
    law.per_context_token = 20'000;  // twice the memory bandwidth
    random.setup.step_time = std::make_shared<LinearStepTime>(law);
    const oracle::ServedByOne fast = oracle::serve_by_one(random.setup, random.arrivals);
    std::int64_t slow_last = 0;
    std::int64_t fast_last = 0;
    for (const FinishedRequest& request : slow.requests)
      slow_last = std::max(slow_last, request.finish_ns);
    for (const FinishedRequest& request : fast.requests)
      fast_last = std::max(fast_last, request.finish_ns);
    INFO("seed " << seed);
    CHECK(fast_last <= slow_last);
  }
}
