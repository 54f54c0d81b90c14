// Engines of every kind against the plain reference, request by request, on random workloads.
#include "core/random_stream.hpp"
#include "sim/lockstep.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/compare_replica.hpp"
#include "tests/oracle/random_prefixes.hpp"

using namespace plimsoll;
using oracle::Covered;

namespace {

/// Some of the cases of a seed have prefixes.
oracle::RandomCase case_with_prefixes(std::uint64_t seed, const RandomStream& draw) {
  oracle::RandomCase random = oracle::random_case(seed);
  const auto unit = static_cast<std::int32_t>(1 + below(4, draw.bits(0)));
  const std::uint32_t share = below(9, draw.bits(1));
  if (below(4, draw.bits(2)) > 0) {
    random.setup.prefixes =
        oracle::give_prefixes(random.arrivals, unit * random.setup.block_tokens, share, draw);
  }
  return random;
}

}  // namespace

TEST_CASE("prefill-first engines serve every request at the nanosecond of the reference",
          "[sim][replica][prefill_first]") {
  Covered covered;
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    INFO("seed " << seed);
    const RandomStream draw(seed, "tests/prefill_first", "case");
    oracle::RandomCase random = case_with_prefixes(seed, draw);
    random.setup.scheduler = SchedulerKind::prefill_first;
    oracle::compare_with_reference(random, covered);
  }
  CHECK(covered.preemptions > 1000);
  CHECK(covered.cached_tokens * 10 > covered.prompt_tokens);
}

TEST_CASE("ranks that step together serve every request at the nanosecond of the reference",
          "[sim][replica][ranks]") {
  Covered covered;
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    INFO("seed " << seed);
    const RandomStream draw(seed, "tests/ranks", "case");
    oracle::RandomCase random = case_with_prefixes(seed, draw);
    random.setup.ranks = static_cast<std::int32_t>(1 + below(4, draw.bits(3)));
    if (below(3, draw.bits(4)) == 0) random.setup.scheduler = SchedulerKind::prefill_first;
    oracle::compare_with_reference(random, covered);
  }
  CHECK(covered.preemptions > 1000);
  CHECK(covered.cached_tokens * 10 > covered.prompt_tokens);
}

TEST_CASE("plans in lockstep are as long as the slowest, iteration by iteration", "[sim][ranks]") {
  const RandomStream draw(7, "tests/lockstep", "plans");
  for (std::uint64_t i = 0; i < 2000; ++i) {
    std::vector<IterationPlan> plans;
    for (std::uint32_t rank = 0; rank < 1 + below(4, draw.bits(i, 0)); ++rank) {
      plans.push_back({1 + below(1000, draw.bits(i, 4 * rank + 1)),
                       below(30, draw.bits(i, 4 * rank + 2)), below(60, draw.bits(i, 4 * rank + 3)),
                       false});
    }
    const IterationPlan together = in_lockstep(plans);
    std::int64_t shortest = 60;
    for (const IterationPlan& plan : plans) {
      if (plan.steps > 0) shortest = std::min(shortest, plan.steps);
    }
    REQUIRE(together.steps <= shortest);
    for (std::int64_t j = 0; j < together.steps; ++j) {
      Ticks longest = 0;
      for (const IterationPlan& plan : plans) {
        if (plan.steps > 0) longest = std::max(longest, plan.first + plan.slope * j);
      }
      REQUIRE(together.first + together.slope * j == longest);
    }
  }
}

TEST_CASE("a front end takes one request at a time, in the order sent", "[sim][replica]") {
  ReplicaSetup setup;
  setup.kv_blocks = 100;
  setup.front_end = Duration{1000};
  setup.front_end_per_token_s = 10e-9;
  Replica replica(setup, 0);
  CHECK(replica.send({at_ns(5000), 0, 100, 1}) == at_ns(7000));
  CHECK(replica.send({at_ns(6000), 1, 50, 1}) == at_ns(8500));  // waits for the one before
  CHECK(replica.send({at_ns(20'000), 2, 10, 1}) == at_ns(21'100));
}
