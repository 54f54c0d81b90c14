#include "workloads/step_time/placed_collective.hpp"

#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"
#include "tests/catch.hpp"
#include "workloads/workload_catalog.hpp"

using namespace plimsoll;

namespace {

CollectiveGroup eight(std::int32_t nodes) {
  CollectiveGroup group;
  group.gpus = 8 * nodes;
  group.nodes = nodes;
  group.gpus_per_node = 8;
  group.gpu_bandwidth = BytesPerSecond{450e9};
  group.switched = true;
  group.network = BytesPerSecond{368e9};
  return group;
}

}  // namespace

TEST_CASE("an island that was measured takes the measured time, others the law's",
          "[workloads][collectives]") {
  const auto roots = catalog_roots({}, "no scenario");
  const CollectiveSpec fits = HardwareCatalog(roots).collectives("nvidia_h100_sxm", {});
  CollectiveLaw law;
  law.operation = "all_reduce";
  law.gpus = 8;
  law.time_us = {{{"bytes", {1e3, 1e9}}}, {3.0, 3.0}};
  const double measured = placed_collective_us("all_reduce", 1e6, eight(1), {law}, fits);
  CHECK(measured == Approx(20.0855).epsilon(1e-4));
  const double by_law = placed_collective_us("all_reduce", 1e6, eight(1), {}, fits);
  CHECK(by_law > 15);
  CHECK(by_law < 40);
  CHECK(placed_collective_us("all_reduce", 1e6, eight(2), {law}, fits) > by_law);
  CollectiveGroup split = eight(1);
  split.one_island = false;
  split.switched = false;
  split.gpu_bandwidth = BytesPerSecond{20e9};
  CHECK(placed_collective_us("all_reduce", 1e8, split, {law}, fits) >
        placed_collective_us("all_reduce", 1e8, eight(1), {}, fits));
  CHECK(placed_collective_us("all_reduce", 1e6, CollectiveGroup{}, {law}, fits) == 0);
}

TEST_CASE("a GPU without fits goes by its links", "[workloads][collectives]") {
  const CollectiveSpec none;
  const double two = placed_collective_us("all_reduce", 1e9, eight(2), {}, none);
  CHECK(two >= 2.0 * 15 / 16 * 1e9 / 368e9 * 1e6);
  CHECK_THROWS_AS(placed_collective_us("broadcast", 1e6, eight(1), {}, none), ConfigError);
}
