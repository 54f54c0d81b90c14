// Links that a topology file implies without describing them, from the catalogue.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hardware/topology/node_topology.hpp"
#include "hardware/topology/topology_readers.hpp"

namespace plimsoll {

/// A bundle of a link of the catalogue.
TopologyLink link_named(const TopologyLookup& lookup, const std::string& name,
                        std::int32_t links = 1);
/// PCIe of a stated rate, with the catalogue's latency.
TopologyLink pcie_of(const TopologyLookup& lookup, BytesPerSecond rate);
/// PCIe at `gigatransfers` per second and lane.
BytesPerSecond pcie_rate(double gigatransfers, double lanes);
/// The generation of NVLink by the number of links that a GPU has at most: 4, 6, 12, 18.
TopologyLink nvlinks(const TopologyLookup& lookup, std::int32_t links_of_gpu, std::int32_t links);
/// Joins each two CPUs; `vendor` as cpuid tells it, or an architecture's name. "": Intel.
void join_cpus(TopologyBuilder& builder, const std::vector<DeviceId>& cpus, std::string_view vendor,
               const TopologyLookup& lookup, const Position& at);

}  // namespace plimsoll
