#include "hardware/topology/node_topology.hpp"

#include "hardware/topology/routes.hpp"
#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;
using samples::faults_of;

namespace {

TopologyDevice named(DeviceKind kind, const std::string& name) {
  TopologyDevice device;
  device.kind = kind;
  device.name = name;
  return device;
}

const TopologyLink kPcie{LinkKind::pcie, BytesPerSecond{32e9}, Duration{500}, 1};

}  // namespace

TEST_CASE("every node type of the catalogue that states its topology has one", "[hardware]") {
  HardwareCatalog catalog = samples::shipped();
  for (const std::string& name : catalog.nodes().names()) {
    INFO(name);
    const NodeSpec spec = catalog.node(name, {});
    REQUIRE(spec.topology);
    const NodeTopology topology = catalog.topology(name, {});
    CHECK(topology.gpus().size() == static_cast<std::size_t>(spec.gpus.value));
    for (const auto& island : scale_up_islands(topology))
      CHECK(island.size() == static_cast<std::size_t>(spec.nvlink_island.value));
    if (spec.gpus.value == 0) continue;
    const auto nvlink = catalog.gpu(spec.gpu, {}).nvlink_bandwidth;
    if (spec.nvlink_island.value > 1) {
      REQUIRE(nvlink);
      CHECK(scale_up_bandwidth(topology, topology.gpus()[0]).count() ==
            Approx(nvlink->value.count()));
    }
  }
}

TEST_CASE("a builder refuses what contradicts itself, all of it at once", "[hardware]") {
  TopologyBuilder builder("mine", "mine.xml");
  const DeviceId cpu = builder.add(named(DeviceKind::cpu, "cpu0"), {"mine.xml", 1, 1});
  const DeviceId bridge = builder.add(named(DeviceKind::pcie_switch, "sw"), {"mine.xml", 2, 1});
  const DeviceId gpu = builder.add(named(DeviceKind::gpu, "gpu0"), {"mine.xml", 3, 1});
  builder.connect(bridge, cpu, kPcie, {"mine.xml", 2, 1});
  builder.connect(gpu, bridge, kPcie, {"mine.xml", 3, 1});
  builder.connect(gpu, cpu, kPcie, {"mine.xml", 4, 1});
  builder.connect(gpu, gpu, kPcie, {"mine.xml", 5, 1});
  TopologyLink slower = kPcie;
  slower.bandwidth = BytesPerSecond{8e9};
  builder.connect(bridge, cpu, slower, {"mine.xml", 6, 1});
  builder.add(named(DeviceKind::gpu, "gpu0"), {"mine.xml", 7, 1});
  const std::string faults = faults_of([&] { builder.finish(); });
  CHECK_THAT(faults, Catch::Contains("mine.xml:4:1: PCIe leads in a circle: gpu0 and cpu0"));
  CHECK_THAT(faults, Catch::Contains("mine.xml:5:1: gpu0 has a link to itself"));
  CHECK_THAT(faults, Catch::Contains("mine.xml:6:1: cpu0 and sw are joined by") ||
                         Catch::Contains("mine.xml:6:1: sw and cpu0 are joined by"));
  CHECK_THAT(faults, Catch::Contains("mine.xml:7:1: device \"gpu0\" is there twice"));
}

TEST_CASE("GPUs that nothing joins are a fault, and so is a topology without devices",
          "[hardware]") {
  TopologyBuilder apart("mine", "mine.xml");
  apart.add(named(DeviceKind::gpu, "gpu0"), {"mine.xml", 1, 1});
  apart.add(named(DeviceKind::gpu, "gpu1"), {"mine.xml", 2, 1});
  CHECK_THAT(faults_of([&] { apart.finish(); }),
             Catch::Contains("mine.xml:2:1: gpu0 and gpu1 are joined by nothing"));
  TopologyBuilder empty("mine", "mine.xml");
  CHECK_THAT(faults_of([&] { empty.finish(); }), Catch::Contains("has no device"));
}
