// The production replica against the plain reference, request by request, on random workloads.
#include <algorithm>
#include <memory>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/one_replica.hpp"
#include "tests/oracle/reference_replica.hpp"
#include "workloads/step_time/linear.hpp"

using namespace plimsoll;

namespace {

/// A random workload and engine, all of it drawn from `seed`: light or overloaded, roomy or short of KV blocks.
struct RandomCase {
  ReplicaSetup setup;
  std::vector<Arrival> arrivals;
};

RandomCase random_case(std::uint64_t seed) {
  const RandomStream draw(seed, "tests/replica", "case");
  std::uint64_t next = 0;
  const auto from = [&](std::uint32_t low, std::uint32_t high) {
    return static_cast<std::int32_t>(low + below(high - low + 1, draw.bits(next++)));
  };
  RandomCase random;
  const std::int32_t longest = from(0, 1) == 0 ? 60 : 900;
  LinearStepTime::Config law;
  law.base = ticks_from_seconds(1e-3) + from(0, 70000);
  law.per_sequence = from(0, 3'000'000);
  law.per_context_token = from(0, 3) == 0 ? 0 : from(1, 200'000);
  law.per_prefill_token = from(0, 900'000);
  if (from(0, 2) == 0) law.host_floor = law.base + from(1, 400'000'000);
  random.setup.step_time = std::make_shared<LinearStepTime>(law);
  random.setup.max_num_seqs = from(1, 24);
  random.setup.max_num_batched_tokens = random.setup.max_num_seqs + from(1, 512);
  random.setup.block_tokens = from(0, 1) == 0 ? 16 : from(1, 7);
  const std::int32_t one = (2 * longest) / random.setup.block_tokens + 2;
  random.setup.kv_blocks = from(0, 1) == 0 ? 100 * one : one + from(0, 3 * one);
  random.setup.response_latency = Duration{from(1, 1000)};
  std::int64_t now_ns = 0;
  const std::uint32_t gap_ns = from(0, 1) == 0 ? 2'000'000u : 60'000'000u;
  for (std::int32_t i = 0; i < 120; ++i) {
    const bool burst = from(0, 4) == 0;
    if (!burst) now_ns += from(0, gap_ns);
    random.arrivals.push_back({at_ns(now_ns), from(1, static_cast<std::uint32_t>(longest)),
                               from(1, static_cast<std::uint32_t>(longest))});
  }
  return random;
}

std::vector<Ticks> sorted_gaps(const oracle::ReplicaHistory& history) {
  std::vector<Ticks> gaps;
  for (const auto& request : history.requests) {
    gaps.insert(gaps.end(), request.gap_ticks.begin(), request.gap_ticks.end());
  }
  std::sort(gaps.begin(), gaps.end());
  return gaps;
}

}  // namespace

TEST_CASE(
    "macro-steps and single iterations both serve every request at the nanosecond of the reference",
    "[sim][replica]") {
  std::uint64_t preemptions = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    RandomCase random = random_case(seed);
    oracle::ReferenceReplica reference(
        *random.setup.step_time, {random.setup.max_num_seqs, random.setup.max_num_batched_tokens,
                                  random.setup.block_tokens, random.setup.kv_blocks});
    const oracle::ReplicaHistory expected = reference.serve(random.arrivals);
    for (const bool macro_steps : {true, false}) {
      random.setup.macro_steps = macro_steps;
      const oracle::ServedByOne served = oracle::serve_by_one(random.setup, random.arrivals);
      const std::int64_t latency = to_ns(random.setup.response_latency);
      for (std::size_t i = 0; i < random.arrivals.size(); ++i) {
        INFO("seed " << seed << ", request " << i << ", macro-steps " << macro_steps);
        REQUIRE(served.requests[i].first_token_ns == expected.requests[i].first_token_ns + latency);
        REQUIRE(served.requests[i].finish_ns == expected.requests[i].finish_ns + latency);
        REQUIRE(served.requests[i].preemptions == expected.requests[i].preemptions);
        preemptions += served.requests[i].preemptions;
      }
      INFO("seed " << seed << ", macro-steps " << macro_steps);
      REQUIRE(served.fact.iterations == expected.steps.size());
      REQUIRE(served.kv_most_used <= random.setup.kv_blocks);
      // A gap that spans a preemption is known to the nanosecond, all others to the tick.
      const std::vector<Ticks> gaps = served.sorted_gaps();
      const std::vector<Ticks> expected_gaps = sorted_gaps(expected);
      REQUIRE(gaps.size() == expected_gaps.size());
      std::size_t inexact = 0;
      for (std::size_t g = 0; g < gaps.size(); ++g) {
        REQUIRE(std::abs(gaps[g] - expected_gaps[g]) <= kTicksPerNanosecond);
        if (gaps[g] != expected_gaps[g]) ++inexact;
      }
      if (served.fact.preemptions == 0) REQUIRE(inexact == 0);
    }
  }
  CHECK(preemptions > 1000);  // the workloads do run short of blocks
}

TEST_CASE("the rows of inter-token gaps do not tell whether macro-steps were taken",
          "[sim][replica]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomCase random = random_case(seed);
    const oracle::ServedByOne macro = oracle::serve_by_one(random.setup, random.arrivals);
    random.setup.macro_steps = false;
    const oracle::ServedByOne single = oracle::serve_by_one(random.setup, random.arrivals);
    INFO("seed " << seed);
    REQUIRE(macro.itl_runs.size() == single.itl_runs.size());
    for (std::size_t i = 0; i < macro.itl_runs.size(); ++i) {
      const ItlRun& a = macro.itl_runs[i];
      const ItlRun& b = single.itl_runs[i];
      REQUIRE(a.start_ticks == b.start_ticks);
      REQUIRE((a.count == 1 || a.slope_ticks == b.slope_ticks));
      REQUIRE(a.count == b.count);
      REQUIRE(a.sequences == b.sequences);
    }
    REQUIRE(macro.fact.busy_ns == single.fact.busy_ns);
    REQUIRE(macro.fact.kv_peak_blocks == single.fact.kv_peak_blocks);
  }
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
