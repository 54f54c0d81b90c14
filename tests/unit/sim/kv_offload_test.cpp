// Offload tiers: what they keep, how long a load takes, and replicas with them against the plain reference.
#include "sim/kv_offload.hpp"

#include <limits>
#include <vector>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/compare_replica.hpp"
#include "tests/oracle/random_prefixes.hpp"

using namespace plimsoll;
using Ids = std::vector<std::uint32_t>;
using Holders = std::vector<std::uint16_t>;

TEST_CASE("transfers share a link evenly, from each start and end to the next", "[sim][offload]") {
  SharedBandwidth link(BytesPerSecond{1e9});  // a byte per nanosecond
  CHECK(link.next_done_ns() == std::numeric_limits<std::int64_t>::max());
  link.start(0, 1, Bytes{1000});
  CHECK(link.next_done_ns() == 1000);
  link.start(400, 2, Bytes{900});  // 600 and 900 left, at half the rate each
  CHECK(link.next_done_ns() == 1600);
  Holders done;
  link.take_done(1599, done);
  CHECK(done.empty());
  link.take_done(1600, done);
  CHECK(done == Holders{1});
  CHECK(link.next_done_ns() == 1900);  // 300 left, alone
  link.start(1700, 3, Bytes{200});     // 200 left of the other: both end at once
  link.take_done(5000, done);
  CHECK(done == Holders{1, 2, 3});
}

TEST_CASE("a tier hands on what it has no room for, the least recently used first",
          "[sim][offload]") {
  KvOffload offload({{{2, BytesPerSecond{1e9}}, {1, BytesPerSecond{1e8}}}, Bytes{1000}});
  offload.store(1);
  offload.store(2);
  CHECK(offload.find(Ids{1, 2, 3}) == 2);
  offload.store(3);  // 1 goes to disk
  CHECK(offload.find(Ids{1, 2, 3}) == 3);
  offload.store(4);  // 2 goes to disk, and 1 is lost
  CHECK(offload.find(Ids{1}) == 0);
  CHECK(offload.find(Ids{2, 3, 4}) == 3);
  offload.load(0, 7, Ids{2, 3, 4});  // 2000 bytes from memory, 1000 from a disk ten times slower
  Holders done;
  offload.take_done(2000, done);
  CHECK(done.empty());
  CHECK(offload.next_done_ns() == 10'000);
  offload.take_done(10'000, done);
  CHECK(done == Holders{7});
}

TEST_CASE("replicas with offload tiers serve every request at the nanosecond of the reference",
          "[sim][replica][offload]") {
  oracle::Covered with;
  oracle::Covered without;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    const RandomStream draw(seed, "tests/offload", "case");
    oracle::RandomCase random = oracle::random_case(seed);
    const auto unit = static_cast<std::int32_t>(1 + below(4, draw.bits(0)));
    random.setup.prefixes = oracle::give_prefixes(random.arrivals, unit * random.setup.block_tokens,
                                                  3 + below(6, draw.bits(1)), draw);
    random.setup.ranks = static_cast<std::int32_t>(1 + below(4, draw.bits(2)) / 2);
    if (below(3, draw.bits(3)) == 0) random.setup.scheduler = SchedulerKind::prefill_first;
    oracle::compare_with_reference(random, without);
    random.setup.offload.unit_bytes = Bytes{1 + below(3'000'000, draw.bits(4))};
    for (std::uint32_t tier = 0; tier < 1 + below(2, draw.bits(5)); ++tier) {
      random.setup.offload.tiers.push_back(
          {1 + below(400, draw.bits(6, tier)),
           BytesPerSecond{1e8 + 1e6 * below(100'000, draw.bits(7, tier))}});
    }
    oracle::compare_with_reference(random, with);
  }
  CHECK(with.preemptions > 1000);
  CHECK(with.cached_tokens > without.cached_tokens * 21 / 20);  // the tiers do find more
}
