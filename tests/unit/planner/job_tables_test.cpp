// The published runs of other simulators of job schedulers, job by job.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "planner/tables/published_table.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

void check_reproduced(const char* folder, ReproductionOf* reproduce, std::size_t least_slices) {
  const char* data = std::getenv("PLIMSOLL_DATA");
  if (data == nullptr || !std::filesystem::exists(std::filesystem::path(data) / folder)) {
    std::cout << "skipped: $PLIMSOLL_DATA does not hold " << folder << "\n";
    return;
  }
  const TableResult result = reproduce(data, {});
  CHECK(result.slices.size() >= least_slices);
  for (const TableSlice& slice : result.slices) {
    CAPTURE(slice.slice, slice.quantity, slice.compared, slice.equal, slice.worst);
    CHECK(slice.compared > 0);
    CHECK((slice.reproduced() || !slice.explanation.empty()));
  }
}

}  // namespace

TEST_CASE("every job of the Helios simulator's runs starts and ends when it did there",
          "[tables][data]") {
  check_reproduced("peer_runs/helios_sim", &reproduce_helios, 12);
}

TEST_CASE("every job of the Tiresias simulator's runs starts and ends when it did there",
          "[tables][data]") {
  check_reproduced("peer_runs/tiresias_sim", &reproduce_tiresias, 14);
}
