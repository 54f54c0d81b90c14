// What a node type is, as its catalogue file states it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/figure.hpp"

namespace plimsoll {

/// One file of hardware/catalog/nodes.
struct NodeSpec {
  std::string name;  ///< its file's name
  std::vector<std::string> aliases;
  std::string gpu;                     ///< a name of hardware/catalog/gpus
  Figure<std::int32_t> gpus;           ///< per node
  Figure<std::int32_t> nvlink_island;  ///< GPUs that reach each other over NVLink; divides `gpus`

  std::optional<Figure<BytesPerSecond>> network_bandwidth{};  ///< of one GPU, one direction

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &NodeSpec::aliases, "Other names of this node type.");
    visit("gpu", &NodeSpec::gpu, "Kind of its GPUs, a name of the GPU catalogue.", required);
    visit("gpus", &NodeSpec::gpus, "Number of GPUs.", required, 1, 1024);
    visit("network_bandwidth", &NodeSpec::network_bandwidth,
          "Network bandwidth per GPU to other nodes, in one direction.", BytesPerSecond{1e6},
          BytesPerSecond{1e15});
    visit("nvlink_island", &NodeSpec::nvlink_island, "GPUs that reach each other over NVLink.",
          required, 1, 1024);
  }
};

}  // namespace plimsoll
