// A start is loading, then the engine's own work, then the next health check.
#include "workloads/cold_start.hpp"

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {
constexpr Duration kSecond{1'000'000'000};
constexpr Bytes kGigabyte{1'000'000'000};
}  // namespace

TEST_CASE("a replica is ready at the first health check after loading and warming up",
          "[cold_start]") {
  const ColdStart start{
      .storage = BytesPerSecond{2e9}, .engine = 30 * kSecond, .probe_interval = 10 * kSecond};
  CHECK(ready_after(start, kGigabyte * 20) == 40 * kSecond);  // 10 s + 30 s, on the dot
  CHECK(ready_after(start, kGigabyte * 21) == 50 * kSecond);
  CHECK(ready_after({BytesPerSecond{2e9}, 30 * kSecond, Duration{0}}, kGigabyte * 20) ==
        40 * kSecond);
}

// ServerlessLLM's medians on H100, files cold: 65.5 GB in 23.5 s, 16.1 GB in 2.8 s.
TEST_CASE("the default storage loads a 32B model as it was measured", "[cold_start]") {
  const ColdStart loading{.engine = Duration{0}, .probe_interval = Duration{0}};
  CHECK(to_seconds(ready_after(loading, Bytes{65'500'000'000})) == Approx(23.5).epsilon(0.05));
}
