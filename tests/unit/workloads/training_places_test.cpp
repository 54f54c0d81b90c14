#include "workloads/jobs/training_places.hpp"

#include "tests/catch.hpp"
#include "tests/unit/workloads/training_samples.hpp"

using namespace plimsoll;
using samples::on_nodes;
using samples::training_places;

TEST_CASE("farther apart is never more bandwidth, and oversubscription says how much less",
          "[training]") {
  for (const char* fabric : {"rail_optimized", "ethernet", "fat_tree", "roce_spectrum"}) {
    const auto places = training_places({{"hgx_h100_8", fabric, 600}});
    const auto& network = places->kinds()[0].network_bandwidth;
    REQUIRE(network.size() == 6);  // five levels, and beyond the last
    for (std::size_t level = 1; level < network.size(); ++level)
      CHECK(network[level] <= network[level - 1]);
  }
  const auto ethernet = training_places({{"hgx_h100_8", "ethernet", 600}})->kinds()[0];
  CHECK(ethernet.network_bandwidth[2].count() == Approx(0.85 * 50e9));      // leaf
  CHECK(ethernet.network_bandwidth[3].count() == Approx(0.85 * 50e9 / 3));  // spine
  CHECK(ethernet.network_bandwidth[4].count() == Approx(0.85 * 50e9 / 6));
}

TEST_CASE("a node of NVLink is one island, an NVL72 rack likewise, bridged pairs are none",
          "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 4},
                                       {"gb200_nvl72", "nvl72", 40},
                                       {"h100_pcie_8", "ethernet", 4}});
  CHECK(places->kinds()[0].island_bandwidth.count() == Approx(450e9));
  CHECK(places->kinds()[1].island_bandwidth.count() == Approx(900e9));
  CHECK(places->kinds()[2].island_bandwidth.count() < 64e9);
  CHECK(places->kinds()[1].gpus == 160);
  const TrainingGpus two = places->gpus(on_nodes({8, 8}, 1), 16, TrainingPrecision::bf16);
  CHECK(two.islands == 2);
  CHECK(two.nodes == 2);
  CHECK(two.aligned == 8);
  const std::vector<std::int32_t> rack(18, 4);
  CHECK(places->gpus(on_nodes(rack, 0, 1), 72, TrainingPrecision::fp8).islands == 1);
}

TEST_CASE("racks that a placement is in count as they hold its GPUs", "[training]") {
  const auto places = training_places({{"gb200_nvl72", "nvl72", 40}});
  PlacementShape shape = on_nodes(std::vector<std::int32_t>(20, 4), 2);
  const TrainingGpus in_order = places->gpus(shape, 80, TrainingPrecision::fp8);
  CHECK(in_order.islands == 2);
  CHECK(in_order.fewest == 8);
  shape.gpus_per_island = {40, 28, 12};
  const TrainingGpus as_told = places->gpus(shape, 80, TrainingPrecision::fp8);
  CHECK(as_told.islands == 3);
  CHECK(as_told.fewest == 12);
  CHECK(as_told.aligned == 4);
  CHECK(as_told.nodes == 20);
}

TEST_CASE("GPUs that no replica takes are not counted", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 4}});
  const TrainingGpus used = places->gpus(on_nodes({8, 8, 3}, 1), 16, TrainingPrecision::bf16);
  CHECK(used.nodes == 2);
  CHECK(used.islands == 2);
  CHECK(used.fewest == 8);
}

TEST_CASE("groups of nodes with one kind of GPU count as the lesser of them", "[training]") {
  HardwareCatalog hardware(shipped_roots());
  WorkloadCatalog workloads(shipped_roots());
  ClusterTopology cluster;
  for (const char* fabric : {"rail_optimized", "ethernet"})
    cluster.add({fabric,
                 {hardware.node("hgx_h100_8", {}), hardware.topology("hgx_h100_8", {})},
                 hardware.fabric(fabric, {}),
                 2},
                {});
  const TrainingPlaces places(cluster, {hardware.gpu("h100", {})}, {"leaf"}, workloads);
  CHECK(places.kinds()[0].gpus == 32);
  CHECK(places.kinds()[0].network_bandwidth[0].count() == Approx(0.85 * 50e9));
}

TEST_CASE("a level that no fabric has is refused", "[training]") {
  CHECK_THROWS_WITH(training_places({{"hgx_h100_8", "ethernet", 1}}, {"raack"}),
                    Catch::Contains("unknown level of topology \"raack\". Did you mean \"rack\"?"));
}

TEST_CASE("every node type whose GPU has a training law tells what its GPUs reach", "[training]") {
  HardwareCatalog hardware(shipped_roots());
  WorkloadCatalog workloads(shipped_roots());
  std::int32_t seen = 0;
  for (const std::string& name : hardware.nodes().names()) {
    const NodeSpec node = hardware.node(name, {});
    if (node.gpu.empty() || !workloads.training_law_of(hardware.gpu(node.gpu, {}).name)) continue;
    INFO(name);
    const auto places = training_places({{name, node.fabric, 40}});
    const TrainingPlace& place = places->kinds()[0];
    CHECK(place.island_bandwidth.count() > 1e11);
    for (const BytesPerSecond network : place.network_bandwidth) CHECK(network.count() > 1e9);
    ++seen;
  }
  CHECK(seen > 10);
}
