// A node's topology as a picture: NVSwitches above a row of GPUs, below it PCIe switches, NICs and
// CPUs.
#pragma once

#include <string>

#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

/// A whole SVG document. Colours tell kinds of links, with a legend; labels tell GB/s in one
/// direction. The same topology gives the same bytes.
std::string topology_svg(const NodeTopology& topology);

}  // namespace plimsoll
