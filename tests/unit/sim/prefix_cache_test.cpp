// The prefix cache: by itself, and in a replica against the plain reference, request by request.
#include "sim/prefix_cache.hpp"

#include <array>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/compare_replica.hpp"
#include "tests/oracle/random_prefixes.hpp"

using namespace plimsoll;
using Ids = std::vector<std::uint32_t>;

namespace {

/// Takes blocks that nobody asks the contents of.
Ids take(PrefixCache& cache, std::int64_t blocks) {
  Ids evicted;
  cache.take(blocks, evicted);
  return evicted;
}

/// What a request that needs these units and nothing else does: finds, holds, takes, keeps.
std::int64_t admit(PrefixCache& cache, std::uint16_t holder, const Ids& ids) {
  const PrefixCache::Found found = cache.find(ids);
  cache.hold_found(holder);
  take(cache, (static_cast<std::int64_t>(ids.size()) - found.units) * cache.unit_blocks());
  cache.keep(holder, ids);
  return found.units;
}

void leave(PrefixCache& cache, std::uint16_t holder, const Ids& ids) {
  cache.give_back(holder, static_cast<std::int64_t>(ids.size()) * cache.unit_blocks());
}

}  // namespace

TEST_CASE("a prefix is found as far as it is the same, while held and after", "[sim][prefix]") {
  PrefixCache cache(100, 4);
  CHECK(admit(cache, 0, {1, 2, 3}) == 0);
  CHECK(cache.free_blocks() == 88);
  CHECK(admit(cache, 1, {1, 2, 7, 8}) == 2);
  CHECK(cache.free_blocks() == 80);
  leave(cache, 0, {1, 2, 3});
  CHECK(cache.free_blocks() == 84);  // two units are still referred to
  leave(cache, 1, {1, 2, 7, 8});
  CHECK(cache.free_blocks() == 100);
  CHECK(admit(cache, 0, {1, 2, 3}) == 3);
  CHECK(admit(cache, 2, {9, 2, 3}) == 0);  // a block counts only behind all before it
}

TEST_CASE("the least recently used units are evicted first, ends before beginnings",
          "[sim][prefix]") {
  PrefixCache cache(8, 1);
  admit(cache, 0, {1, 2, 3, 4});
  leave(cache, 0, {1, 2, 3, 4});
  admit(cache, 0, {5, 6});
  leave(cache, 0, {5, 6});
  CHECK(cache.blocks_before_eviction() == 2);
  CHECK(take(cache, 4) == Ids{4, 3});  // behind the two that were never used
  CHECK(cache.find(Ids{1, 2, 3, 4}).units == 2);
  CHECK(cache.find(Ids{5, 6}).units == 2);
  cache.find(Ids{1, 2});
  cache.hold_found(0);  // touched: now 5 and 6 are older
  leave(cache, 0, {1, 2});
  CHECK(take(cache, 2) == Ids{6, 5});
  CHECK(cache.find(Ids{1, 2}).units == 2);
  CHECK(cache.find(Ids{5, 6}).units == 0);
}

TEST_CASE("thousands of ids are found again, whatever was forgotten between", "[sim][prefix]") {
  constexpr std::uint32_t kUnits = 3000;
  PrefixCache cache(kUnits, 1);
  const RandomStream draw(3, "tests/prefix_cache", "ids");
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    const Ids ids{static_cast<std::uint32_t>(below(2 * kUnits, draw.bits(round)))};
    admit(cache, 0, ids);
    leave(cache, 0, ids);
    REQUIRE(cache.free_blocks() == kUnits);
    REQUIRE(cache.find(ids).units == 1);
  }
  std::int64_t present = 0;
  for (std::uint32_t id = 0; id < 2 * kUnits; ++id) present += cache.find(Ids{id}).units;
  CHECK(present == kUnits);
}

TEST_CASE(
    "with a prefix cache, macro-steps and single iterations serve every request at the nanosecond "
    "of the reference",
    "[sim][replica][prefix]") {
  oracle::Covered covered;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    oracle::RandomCase random = oracle::random_case(seed);
    const RandomStream draw(seed, "tests/prefix_cache", "case");
    const auto unit = static_cast<std::int32_t>(1 + below(4, draw.bits(0)));
    random.setup.prefixes = oracle::give_prefixes(random.arrivals, unit * random.setup.block_tokens,
                                                  below(9, draw.bits(1)), draw);
    oracle::compare_with_reference(random, covered);
  }
  CHECK(covered.preemptions > 1000);
  CHECK(covered.cached_tokens * 10 > covered.prompt_tokens);
}

TEST_CASE("a prefix cache never makes a replica compute more", "[sim][replica][prefix][law]") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    oracle::RandomCase random = oracle::random_case(seed);
    random.setup.kv_blocks = 1'000'000;
    const RandomStream draw(seed, "tests/prefix_cache", "law");
    const oracle::ServedByOne without = oracle::serve_by_one(random.setup, random.arrivals);
    random.setup.prefixes =
        oracle::give_prefixes(random.arrivals, random.setup.block_tokens, 6, draw);
    const oracle::ServedByOne with = oracle::serve_by_one(random.setup, random.arrivals);
    std::uint64_t found = 0;
    for (const FinishedRequest& request : with.requests) {
      found += static_cast<std::uint64_t>(request.cached_tokens);
    }
    INFO("seed " << seed);
    CHECK(with.fact.prefill_tokens + found == without.fact.prefill_tokens);
  }
}
