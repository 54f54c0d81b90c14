#include "hardware/topology/topology_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "hardware/topology/routes.hpp"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

std::string plural(std::size_t count, const std::string& name, const std::string& ending) {
  return count == 0 ? "" : fmt::format(", {} {}{}", count, name, count == 1 ? "" : ending);
}

template <class Cell>
std::string matrix(const NodeTopology& topology, const std::string& title, const Cell& cell) {
  std::string text = fmt::format("\n{}\n{:>12}", title, "");
  const auto& gpus = topology.gpus();
  for (std::size_t i = 0; i < gpus.size(); ++i) text += fmt::format("{:>8}", i);
  text += '\n';
  for (const DeviceId a : gpus) {
    text += fmt::format("{:>4} {:<7}", topology.device(a).index, "");
    for (const DeviceId b : gpus) text += fmt::format("{:>8}", cell(a, b));
    text += '\n';
  }
  return text;
}

std::string names_of(const NodeTopology& topology, const std::vector<DeviceId>& ids) {
  std::vector<std::string> names;
  for (const DeviceId id : ids) names.push_back(topology.device(id).name);
  return fmt::format("{}", fmt::join(names, " "));
}

}  // namespace

std::string topology_text(const NodeTopology& topology) {
  const auto& gpus = topology.gpus();
  std::string text = fmt::format(
      "{}: {} GPU{}{}{}{}{}\n", topology.name(), gpus.size(), gpus.size() == 1 ? "" : "s",
      plural(topology.of(DeviceKind::nvswitch).size(), "NVSwitch", "es"),
      plural(topology.of(DeviceKind::pcie_switch).size(), "PCIe switch", "es"),
      plural(topology.of(DeviceKind::cpu).size(), "CPU", "s"),
      plural(topology.of(DeviceKind::nic).size(), "NIC", "s"));
  if (topology.nvlink_nodes() > 1)
    text += fmt::format("its NVSwitches join {} such nodes\n", topology.nvlink_nodes());
  if (gpus.empty()) return text;
  text += "\nIslands (NVLink or Infinity Fabric)\n";
  for (const auto& island : scale_up_islands(topology)) {
    text += fmt::format("  {}", names_of(topology, island));
    if (island.size() > 1)
      text += fmt::format("   {:.0f} GB/s per GPU in a collective",
                          group_bandwidth(topology, island).count() / 1e9);
    text += '\n';
  }
  text += matrix(topology, "Connection",
                 [&](DeviceId a, DeviceId b) { return connection_label(topology, a, b); });
  text += matrix(topology, "Bandwidth, GB/s in one direction", [&](DeviceId a, DeviceId b) {
    return a == b ? std::string("-")
                  : fmt::format("{:.1f}", route_between(topology, a, b).bandwidth.count() / 1e9);
  });
  const BytesPerSecond out = network_bandwidth(topology, gpus);
  if (out.count() > 0) text += fmt::format("\nOut of the node: {:.1f} GB/s\n", out.count() / 1e9);
  return text;
}

std::string topology_json(const NodeTopology& topology) {
  Json json{{"name", topology.name()}, {"nvlink_nodes", topology.nvlink_nodes()}};
  json["devices"] = Json::array();
  for (DeviceId id = 0; id < topology.size(); ++id) {
    const TopologyDevice& device = topology.device(id);
    json["devices"].push_back(
        {{"kind", device_kind_name(device.kind)}, {"name", device.name}, {"model", device.model}});
  }
  json["islands"] = Json::array();
  for (const auto& island : scale_up_islands(topology)) {
    Json names = Json::array();
    for (const DeviceId id : island) names.push_back(topology.device(id).name);
    json["islands"].push_back(std::move(names));
  }
  Json rates = Json::array();
  Json latencies = Json::array();
  Json labels = Json::array();
  for (const DeviceId a : topology.gpus()) {
    Json rate = Json::array();
    Json latency = Json::array();
    Json label = Json::array();
    for (const DeviceId b : topology.gpus()) {
      const Route way = route_between(topology, a, b);
      rate.push_back(a == b ? Json() : Json(way.bandwidth.count()));
      latency.push_back(to_ns(way.latency));
      label.push_back(connection_label(topology, a, b));
    }
    rates.push_back(std::move(rate));
    latencies.push_back(std::move(latency));
    labels.push_back(std::move(label));
  }
  json["bandwidth_bytes_per_s"] = std::move(rates);
  json["latency_ns"] = std::move(latencies);
  json["connection"] = std::move(labels);
  json["network_bytes_per_s"] = network_bandwidth(topology, topology.gpus()).count();
  return json.dump(2) + "\n";
}

}  // namespace plimsoll
