// What a node type is, as its catalogue file states it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hardware/figure.hpp"
#include "hardware/topology/topology_spec.hpp"

namespace plimsoll {

/// One file of hardware/catalog/nodes.
struct NodeSpec {
  std::string name;  ///< its file's name
  std::vector<std::string> aliases;
  std::string gpu;                     ///< a name of hardware/catalog/gpus; empty without GPUs
  Figure<std::int32_t> gpus;           ///< per node
  Figure<std::int32_t> nvlink_island;  ///< GPUs that reach each other over NVLink; divides `gpus`

  std::optional<Figure<BytesPerSecond>> network_bandwidth{};  ///< of one GPU, one direction
  std::optional<Figure<std::int32_t>> cpu_cores{};  ///< as an operating system counts them
  std::optional<Figure<Bytes>> memory{};            ///< of the host
  std::string fabric =
      "rail_optimized";  ///< what usually joins such nodes, a name of the catalogue
  std::optional<NodeTopologySpec> topology{};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &NodeSpec::aliases, "Other names of this node type.");
    visit("gpu", &NodeSpec::gpu, "Kind of its GPUs, a name of the GPU catalogue.");
    visit("gpus", &NodeSpec::gpus, "Number of GPUs.", required, 0, 1024);
    visit("network_bandwidth", &NodeSpec::network_bandwidth,
          "Network bandwidth per GPU to other nodes, in one direction.", BytesPerSecond{1e6},
          BytesPerSecond{1e15});
    visit("nvlink_island", &NodeSpec::nvlink_island, "GPUs that reach each other over NVLink.",
          required, 0, 1024);
    visit("cpu_cores", &NodeSpec::cpu_cores, "CPU cores as an operating system counts them.", 1,
          100'000);
    visit("memory", &NodeSpec::memory, "Memory of the host.", Bytes{1'000'000'000},
          Bytes{100'000'000'000'000});
    visit("fabric", &NodeSpec::fabric, "What usually joins such nodes, a name of the catalogue.");
    visit("topology", &NodeSpec::topology, "How its devices hang together.");
  }
};

}  // namespace plimsoll
