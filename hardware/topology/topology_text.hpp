// A node's topology as text: islands, how each two GPUs are joined, and the bandwidth between them.
#pragma once

#include <string>

#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

/// Tables for a terminal. Bandwidths are of a flow alone, in GB/s, in one direction.
std::string topology_text(const NodeTopology& topology);

/// The same as one JSON object: name, devices, islands, bandwidth_bytes_per_s, latency_ns and
/// connection as matrices in the order of the GPUs.
std::string topology_json(const NodeTopology& topology);

}  // namespace plimsoll
