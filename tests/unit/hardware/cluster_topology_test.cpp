#include "hardware/topology/cluster_topology.hpp"

#include <numeric>

#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;
using samples::faults_of;

namespace {

ClusterTopology cluster(const std::string& node, const std::string& fabric, std::int32_t nodes) {
  HardwareCatalog catalog = samples::shipped();
  ClusterTopology made;
  made.add({"node",
            {catalog.node(node, {}), catalog.topology(node, {})},
            catalog.fabric(fabric, {}),
            nodes},
           {});
  return made;
}

std::vector<PlacedGpus> whole_nodes(const std::vector<std::int32_t>& nodes, std::int32_t gpus) {
  std::vector<PlacedGpus> placed;
  for (const std::int32_t node : nodes) {
    placed.push_back({node, std::vector<std::int32_t>(static_cast<std::size_t>(gpus))});
    std::iota(placed.back().gpus.begin(), placed.back().gpus.end(), 0);
  }
  return placed;
}

}  // namespace

TEST_CASE("domains of a level are consecutive, cover all nodes and nest", "[hardware][fabric]") {
  const ClusterTopology big = cluster("hgx_h100_8", "rail_optimized", 12'500);
  CHECK(big.nodes() == 12'500);
  CHECK(big.gpus() == 100'000);
  for (const FabricLevel level : {FabricLevel::rack, FabricLevel::leaf, FabricLevel::spine,
                                  FabricLevel::fabric_pod, FabricLevel::cluster}) {
    std::int32_t next = 0;
    for (std::int32_t domain = 0; domain < big.domains(level); ++domain) {
      const auto range = big.nodes_of(level, domain);
      CHECK(range.begin == next);
      CHECK(range.end > range.begin);
      CHECK(big.domain(level, range.begin) == domain);
      CHECK(big.domain(level, range.end - 1) == domain);
      next = range.end;
    }
    CHECK(next == big.nodes());
  }
  for (std::int32_t node = 0; node + 1 < big.nodes(); node += 97)
    if (big.domain(FabricLevel::leaf, node) == big.domain(FabricLevel::leaf, node + 1))
      CHECK(big.domain(FabricLevel::spine, node) == big.domain(FabricLevel::spine, node + 1));
}

TEST_CASE("nodes carry the labels of their domains", "[hardware][fabric]") {
  const ClusterTopology fat = cluster("hgx_h100_8", "fat_tree", 600);
  const auto labels = fat.labels(517);
  CHECK(fat.node_name(517) == "node-517");
  CHECK(labels.at("topology.plimsoll.dev/leaf") == "leaf-129");
  CHECK(labels.at("topology.plimsoll.dev/spine") == "spine-4");
  CHECK(labels.at("topology.plimsoll.dev/fabric-pod") == "fabric-pod-0");
  CHECK(fat.span(std::vector<std::int32_t>{4, 5, 7}) == FabricLevel::leaf);
  CHECK(fat.span(std::vector<std::int32_t>{3, 4}) == FabricLevel::spine);
  CHECK(fat.span(std::vector<std::int32_t>{3}) == FabricLevel::node);
  CHECK(fat.span(std::vector<std::int32_t>{3, 500}) == FabricLevel::fabric_pod);
}

TEST_CASE("farther apart is never more bandwidth, and an oversubscribed fabric says by how much",
          "[hardware][fabric]") {
  const ClusterTopology plain = cluster("l40s_8", "ethernet", 600);
  const PlacedGpus all = whole_nodes({0}, 8)[0];
  const double leaf = plain.network_bandwidth(FabricLevel::leaf, all).count();
  const double spine = plain.network_bandwidth(FabricLevel::spine, all).count();
  const double pod = plain.network_bandwidth(FabricLevel::fabric_pod, all).count();
  CHECK(leaf == Approx(0.85 * 126.03e9).epsilon(1e-3));
  CHECK(spine == Approx(leaf / 3));
  CHECK(pod == Approx(spine / 2));
}

TEST_CASE("a rack of NVLink is one island, two racks are not", "[hardware][fabric]") {
  const ClusterTopology racks = cluster("gb200_nvl72", "nvl72", 36);
  CHECK(racks.domains(FabricLevel::nvlink_domain) == 2);
  const CollectiveGroup one = racks.group(whole_nodes({0, 1, 17}, 4));
  CHECK(one.nodes == 1);
  CHECK(one.gpus == 12);
  CHECK(one.gpu_bandwidth.count() == Approx(900e9));
  CHECK(one.switched);
  const CollectiveGroup two = racks.group(whole_nodes({16, 17, 18}, 4));
  CHECK(two.nodes == 2);
  CHECK(two.gpus_per_node == 8);
  CHECK(two.network.count() > 0);
}

TEST_CASE("a group inside a node has the bandwidth of its place", "[hardware][fabric]") {
  const ClusterTopology h200 = cluster("h200_nvl_8", "fat_tree", 4);
  const std::vector<PlacedGpus> bridged = {{0, {0, 1, 2, 3}}};
  const std::vector<PlacedGpus> split = {{0, {2, 3, 4, 5}}};
  const CollectiveGroup near = h200.group(bridged);
  const CollectiveGroup far = h200.group(split);
  CHECK(near.one_island);
  CHECK_FALSE(far.one_island);
  CHECK(near.gpu_bandwidth.count() == Approx(450e9));
  CHECK(far.gpu_bandwidth < near.gpu_bandwidth);
}

TEST_CASE("groups that cannot be are told why", "[hardware][fabric]") {
  const ClusterTopology small = cluster("hgx_h100_8", "rail_optimized", 2);
  const auto fault = [&](std::vector<PlacedGpus> placed) {
    return faults_of([&] { (void)small.group(placed); });
  };
  CHECK_THAT(fault({}), Catch::Contains("the group has no GPU"));
  CHECK_THAT(fault({{2, {0}}}), Catch::Contains("there is no node 2; there are 2"));
  CHECK_THAT(fault({{0, {8}}}), Catch::Contains("node-0 has no GPU 8; it has 8"));
  CHECK_THAT(fault({{0, {1}}, {0, {1}}}), Catch::Contains("GPU 1 of node-0 is in the group twice"));
  HardwareCatalog catalog = samples::shipped();
  ClusterTopology twice = small;
  CHECK_THAT(faults_of([&] {
               twice.add(
                   {"node", {catalog.node("cpu_96", {}), {}}, catalog.fabric("ethernet", {}), 1},
                   {});
             }),
             Catch::Contains("there is a group node already"));
  CHECK_THAT(faults_of([&] {
               twice.add(
                   {"none", {catalog.node("cpu_96", {}), {}}, catalog.fabric("ethernet", {}), 0},
                   {});
             }),
             Catch::Contains("group none has 0 nodes"));
}
