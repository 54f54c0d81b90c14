// The published tables of Pollux and Gavel, and what their reproduction rests on.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "planner/tables/published_table.hpp"
#include "planner/tables/python_random.hpp"
#include "tests/catch.hpp"

namespace plimsoll {

TEST_CASE("Python's random numbers are drawn again", "[tables]") {
  // random.Random(2): random(), uniform(1.5, 3), choice(range(26)) five times
  PythonRandom draws(2);
  CHECK(draws.random() == 0.9560342718892494);
  CHECK(draws.uniform(1.5, 3) == 2.9217412305890242);
  std::vector<std::uint32_t> chosen;
  for (int i = 0; i < 5; ++i) chosen.push_back(draws.below(26));
  CHECK(chosen == std::vector<std::uint32_t>{1, 2, 2, 11, 5});
}

TEST_CASE(
    "the Pollux artifact's JCTs are reproduced: Tiresias and Optimus job by job, Pollux's mean",
    "[tables]") {
  const char* data = std::getenv("PLIMSOLL_DATA");
  if (!data || !std::filesystem::is_directory(std::filesystem::path(data) / "pollux_osdi21")) {
    std::cout << "skipped: $PLIMSOLL_DATA holds no pollux_osdi21\n";
    return;
  }
  const TableResult result = reproduce_pollux_artifact(data, {2});
  REQUIRE_FALSE(result.slices.empty());
  for (const TableSlice& slice : result.slices) {
    INFO(slice.slice << ": " << slice.equal << " of " << slice.compared << ", worst "
                     << slice.worst);
    CHECK(slice.reproduced());
  }
}

}  // namespace plimsoll
