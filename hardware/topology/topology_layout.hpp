// Where the devices of a topology stand in its picture. Pixels, from the top left corner.
#pragma once

#include <map>
#include <vector>

#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double middle() const { return x + width / 2; }
  double bottom() const { return y + height; }
  double right() const { return x + width; }
};

/// The NICs below one PCIe switch or CPU.
struct NicGroup {
  DeviceId hub = 0;
  std::vector<DeviceId> nics;
  Box frame;
};

/// Rows from the top: NVSwitches (or room for arcs), GPUs, the PCIe switches that these hang on,
/// NICs, PCIe switches above others, CPUs. Boxes do not overlap; what hangs on a switch or CPU
/// stands within its width.
struct TopologyLayout {
  std::map<DeviceId, Box> boxes;  ///< all devices but the network
  std::vector<NicGroup> nic_groups;
  std::map<DeviceId, DeviceId> parent;  ///< of GPUs, NICs and PCIe switches, by PCIe or C2C
  double width = 0;
  double height = 0;    ///< where the legend begins
  double arc_base = 0;  ///< where arcs between GPUs start
};

TopologyLayout layout_of(const NodeTopology& topology);

}  // namespace plimsoll
