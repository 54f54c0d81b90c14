// Shared prefixes of synthetic workloads.
#include "traces/shared_prefixes.hpp"

#include <algorithm>
#include <vector>

#include "tests/catch.hpp"

using namespace plimsoll;

TEST_CASE("requests have a shared prefix as often as the law says", "[traces][prefix]") {
  const SharedPrefixes prefixes({3, 300, 0.6, 1.0}, RandomStream(1, "test", "prefix"));
  std::vector<int> of_group(3, 0);
  constexpr int kRequests = 60'000;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    Arrival arrival{at_ns(0), 50, 5};
    prefixes.apply(i, arrival);
    if (arrival.prefix.count == 0) {
      REQUIRE(arrival.prompt_tokens == 50);
      continue;
    }
    REQUIRE(arrival.prompt_tokens == 350);
    REQUIRE(arrival.prefix.count == 2);  // 44 of the 300 tokens fill no block
    ++of_group.at(arrival.prefix.first / 2);
  }
  const double zipf = 1 + 1.0 / 2 + 1.0 / 3;
  for (int k = 0; k < 3; ++k) {
    CHECK(of_group[static_cast<std::size_t>(k)] ==
          Approx(0.6 * kRequests / (k + 1) / zipf).epsilon(0.03));
  }
}

TEST_CASE("no two prefixes have a block in common", "[traces][prefix]") {
  const SharedPrefixes prefixes({100, 1280, 1, 0}, RandomStream(1, "test", "prefix"));
  std::vector<std::uint32_t> ids = prefixes.blocks()->ids;
  CHECK(ids.size() == 1000);
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}
