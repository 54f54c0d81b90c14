// Kubernetes' Node and ResourceSlice objects, as far as devices are concerned.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.hpp"
#include "hardware/devices/dra_device.hpp"

namespace plimsoll {

struct PublishedDevice {
  DraDevice device;
  Position at;
};

/// One node's view of its devices.
struct NodeDevices {
  std::string node;                           ///< metadata.name
  std::map<std::string, std::string> labels;  ///< of the Node; empty where only slices are there
  std::int64_t gpus = -1;                     ///< status.capacity nvidia.com/gpu; -1: not said
  Position at;
  std::vector<PublishedDevice> devices;
  /// Of each counter set what there is in all.
  std::map<std::string, std::map<std::string, std::int64_t>> shared_counters;
};

/// Reads documents or Lists with one Node at most and any number of ResourceSlices. Slices of an
/// older generation of their pool are left out, as the scheduler leaves them out. Throws
/// ConfigError with every fault at its line: two nodes, slices of another node, pools with slices
/// missing, counters that no set has, amounts that are no quantities.
NodeDevices read_node_devices(std::string_view text, const std::string& source);

}  // namespace plimsoll
