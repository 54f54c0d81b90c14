#include "hardware/topology/topology_svg.hpp"

#include <pugixml.hpp>

#include "hardware/topology/topology_layout.hpp"
#include "hardware/topology/topology_text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;

namespace {

bool overlap(const Box& a, const Box& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

}  // namespace

TEST_CASE("pictures are whole XML, hold every device, and no two boxes overlap", "[hardware]") {
  HardwareCatalog catalog = samples::shipped();
  for (const std::string& name : catalog.nodes().names()) {
    INFO(name);
    const NodeTopology topology = catalog.topology(name, {});
    const TopologyLayout layout = layout_of(topology);
    const std::size_t networks = topology.of(DeviceKind::network).size();
    CHECK(layout.boxes.size() == topology.size() - networks);
    for (const auto& [a, box] : layout.boxes) {
      CHECK(box.x >= 0);
      CHECK(box.right() <= layout.width);
      CHECK(box.bottom() <= layout.height);
      for (const auto& [b, other] : layout.boxes)
        if (a < b) CHECK_FALSE(overlap(box, other));
    }
    const std::string picture = topology_svg(topology);
    pugi::xml_document document;
    CHECK(document.load_string(picture.c_str()));
    CHECK(topology_svg(topology) == picture);
    for (const DeviceId gpu : topology.gpus())
      CHECK(picture.find("GPU " + std::to_string(topology.device(gpu).index)) != std::string::npos);
  }
}

TEST_CASE("texts name islands, connections and bandwidths", "[hardware]") {
  const std::string text = topology_text(samples::node("hgx_h100_8"));
  CHECK_THAT(text, Catch::Contains("8 GPUs, 4 NVSwitches, 4 PCIe switches, 2 CPUs, 8 NICs"));
  CHECK_THAT(text, Catch::Contains("450 GB/s per GPU in a collective"));
  CHECK_THAT(text, Catch::Contains("NV18") && Catch::Contains("Out of the node: 400.0 GB/s"));
  CHECK_THAT(topology_text(samples::node("gb200_nvl72")), Catch::Contains("join 18 such nodes"));
  CHECK_THAT(topology_text(samples::node("cpu_96")), Catch::Contains("0 GPUs"));
  CHECK_THAT(topology_json(samples::node("l40s_8")), Catch::Contains("\"connection\""));
}
