#include "hardware/topology/routes.hpp"

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;
using samples::node;

namespace {

const std::vector<std::string> kNodes = {"hgx_h100_8",        "mi300x_8",    "l40s_8",
                                         "openb_v100_32gb_8", "gb200_nvl72", "h200_nvl_8"};

double gb(BytesPerSecond rate) { return rate.count() / 1e9; }

}  // namespace

TEST_CASE("a route is the same both ways, and no wider than the narrowest of its links",
          "[hardware]") {
  for (const std::string& name : kNodes) {
    INFO(name);
    const NodeTopology topology = node(name);
    for (const DeviceId a : topology.gpus())
      for (const DeviceId b : topology.gpus()) {
        if (a == b) continue;
        const Route there = route_between(topology, a, b);
        const Route back = route_between(topology, b, a);
        CHECK(there.bandwidth.count() == Approx(back.bandwidth.count()));
        CHECK(there.latency == back.latency);
        double narrowest = std::numeric_limits<double>::infinity();
        for (const RouteShare& part : there.shares)
          narrowest = std::min(narrowest, part.capacity.count() / part.share);
        CHECK(there.bandwidth.count() == Approx(narrowest));
      }
  }
}

TEST_CASE("what enters a device of a route leaves it", "[hardware]") {
  const NodeTopology topology = node("hgx_a100_8");
  const Route way = route_between(topology, topology.gpus()[0], topology.gpus()[5]);
  std::vector<double> balance(topology.size(), 0.0);
  for (const RouteShare& part : way.shares) {
    balance[part.from] -= part.share;
    balance[part.to] += part.share;
  }
  balance[topology.gpus()[0]] += 1;
  balance[topology.gpus()[5]] -= 1;
  for (const double rest : balance) CHECK(rest == Approx(0).margin(1e-12));
  CHECK(way.shares.size() == 12);  // six switches, in and out
}

TEST_CASE("bandwidths and labels are those of the machines", "[hardware]") {
  const auto first_to = [](const NodeTopology& topology, std::size_t gpu) {
    return gb(route_between(topology, topology.gpus()[0], topology.gpus()[gpu]).bandwidth);
  };
  const NodeTopology h100 = node("hgx_h100_8");
  CHECK(first_to(h100, 7) == Approx(450));
  CHECK(connection_label(h100, h100.gpus()[0], h100.gpus()[7]) == "NV18");
  CHECK(gb(network_bandwidth(h100, h100.gpus())) == Approx(400));
  const NodeTopology mi300x = node("mi300x_8");
  CHECK(first_to(mi300x, 7) == Approx(64));
  CHECK(gb(group_bandwidth(mi300x, mi300x.gpus())) == Approx(448));
  CHECK(connection_label(mi300x, mi300x.gpus()[0], mi300x.gpus()[7]) == "XGMI");
  const NodeTopology l40s = node("l40s_8");
  CHECK(connection_label(l40s, l40s.gpus()[0], l40s.gpus()[1]) == "PIX");
  CHECK(connection_label(l40s, l40s.gpus()[0], l40s.gpus()[7]) == "SYS");
  CHECK(scale_up_islands(l40s).size() == 8);
  const NodeTopology cube = node("openb_v100_32gb_8");
  CHECK(connection_label(cube, cube.gpus()[0], cube.gpus()[3]) == "NV2");
  CHECK(connection_label(cube, cube.gpus()[0], cube.gpus()[7]) == "SYS");
  CHECK(gb(group_bandwidth(cube, cube.gpus())) == Approx(150));  // NCCL packs six rings
}

TEST_CASE("flows that share a link get equal parts, and no link carries more than it can",
          "[hardware]") {
  const NodeTopology topology = node("l40s_8");
  const auto& gpus = topology.gpus();
  const std::vector<Flow> across = {{gpus[0], gpus[4]}, {gpus[1], gpus[5]}, {gpus[2], gpus[6]}};
  const auto rates = shared_rates(topology, across);
  for (const BytesPerSecond rate : rates) CHECK(gb(rate) == Approx(16.0 / 3));
  std::map<std::pair<DeviceId, DeviceId>, std::pair<double, double>> load;
  std::vector<Flow> all;
  for (const DeviceId a : gpus)
    for (const DeviceId b : gpus)
      if (a != b) all.push_back({a, b});
  const auto every = shared_rates(topology, all);
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const RouteShare& part : route_between(topology, all[i].from, all[i].to).shares) {
      auto& [used, capacity] = load[{part.from, part.to}];
      used += every[i].count() * part.share;
      capacity = part.capacity.count();
    }
  for (const auto& [link, use] : load) CHECK(use.first <= use.second * (1 + 1e-9));
}

TEST_CASE("one more flow never gives another more", "[hardware]") {
  const NodeTopology topology = node("h200_nvl_8");
  const auto& gpus = topology.gpus();
  std::vector<Flow> flows;
  std::vector<BytesPerSecond> before;
  for (std::size_t i = 0; i < 4; ++i) {
    flows.push_back({gpus[i], gpus[7 - i]});
    const auto now = shared_rates(topology, flows);
    for (std::size_t j = 0; j < before.size(); ++j)
      CHECK(now[j].count() <= before[j].count() * (1 + 1e-9));
    before = now;
  }
}

TEST_CASE("a device's flow to itself has no limit, one without a way has none at all",
          "[hardware]") {
  const NodeTopology topology = node("hgx_h100_8");
  CHECK(std::isinf(
      route_between(topology, topology.gpus()[0], topology.gpus()[0]).bandwidth.count()));
  TopologyBuilder builder("cpus", "cpus");
  TopologyDevice a;
  a.kind = DeviceKind::cpu;
  a.name = "a";
  TopologyDevice b = a;
  b.name = "b";
  const DeviceId first = builder.add(a, {});
  const DeviceId second = builder.add(b, {});
  const NodeTopology apart = builder.finish();
  CHECK_FALSE(route_between(apart, first, second).exists());
  const std::vector<Flow> flows = {{first, second}};
  CHECK(shared_rates(apart, flows)[0].count() == 0);
  CHECK(connection_label(apart, first, second) == "-");
}
