// Sums in closed form against walking, iteration by iteration with the fraction carried.
#include "sim/step_run.hpp"
#include "core/random_stream.hpp"
#include "sim/kv_blocks.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

TEST_CASE("boundaries in closed form are those of walking with the fraction carried", "[sim]") {
  const RandomStream draw(5, "tests/sim", "step_run");
  for (std::uint64_t i = 0; i < 300; ++i) {
    StepRun run;
    run.begin_ns = below(1u << 30, draw.bits(i, 0));
    run.fraction = below(1u << 16, draw.bits(i, 1));
    run.first = 1 + (static_cast<Ticks>(draw.bits(i, 2) >> 24) >> below(30, draw.bits(i, 3)));
    run.slope = below(3, draw.bits(i, 4)) == 0 ? 0 : below(1u << 25, draw.bits(i, 5));
    run.steps = 2000;
    std::int64_t now = run.begin_ns;
    Ticks fraction = run.fraction;
    for (std::int64_t k = 1; k <= run.steps; ++k) {
      const Ticks ticks = fraction + run.first + run.slope * (k - 1);
      const std::int64_t before = now;
      now += ticks >> kTickBits;
      fraction = ticks & (kTicksPerNanosecond - 1);
      REQUIRE(run.boundary_ns(k) == now);
      REQUIRE(run.fraction_after(k) == fraction);
      if (now == before) continue;  // several boundaries at one nanosecond: the first counts
      REQUIRE(run.first_boundary_at_or_after(now) <= k);
      REQUIRE(run.boundary_ns(run.first_boundary_at_or_after(now)) >= now);
      REQUIRE(run.first_boundary_at_or_after(now + 1) > k);
      REQUIRE(run.boundaries_before(now + 1) >= k);
      REQUIRE(run.boundaries_before(now) < k);
    }
  }
}

TEST_CASE("KV blocks needed over coming iterations are those of growing every sequence", "[sim]") {
  const RandomStream draw(6, "tests/sim", "kv_blocks");
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto block = static_cast<std::int32_t>(1 + below(20, draw.bits(i, 0)));
    KvBlocks kv(1'000'000, block);
    const std::int64_t index = below(1000, draw.bits(i, 1));
    std::vector<std::int64_t> computed;
    for (std::uint32_t s = 0; s < 1 + below(30, draw.bits(i, 2)); ++s) {
      computed.push_back(1 + below(500, draw.bits(i, 10 + s)));
      kv.join(computed.back(), index);
    }
    const std::int64_t available = below(200, draw.bits(i, 3));
    std::int64_t needed = 0;
    std::int64_t fitting = 0;
    for (std::int64_t k = 1; k <= 100; ++k) {
      for (std::int64_t& tokens : computed) {
        needed += kv.blocks_for(tokens + 1) - kv.blocks_for(tokens);
        ++tokens;
      }
      REQUIRE(kv.needed(index, k) == needed);
      if (needed <= available) fitting = k;
    }
    REQUIRE(kv.steps_within(index, available, 100) == fitting);
  }
}
