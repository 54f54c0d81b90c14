// Topologies as people have them: hwloc's and NCCL's XML, `nvidia-smi topo -m`, Kubernetes nodes
// with their ResourceSlices. Each becomes the same graph. What a format does not tell comes from
// the catalogue of links: latencies, what joins CPUs, the rate of an NVLink.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "hardware/gpu_spec.hpp"
#include "hardware/topology/node_topology.hpp"
#include "hardware/topology/topology_from_spec.hpp"

namespace plimsoll {

/// Where readers look up what their format leaves out.
struct TopologyLookup {
  FindLink link;
  /// A GPU by the product name that its driver gives; nothing for one that the catalogue lacks.
  std::function<std::optional<GpuSpec>(std::string_view product)> gpu;
};

/// All of them throw ConfigError with every fault at its line: text of another format, unknown
/// elements and labels, bad numbers and units, devices named twice, statements that contradict each
/// other, PCIe in a circle, no GPU at all (hwloc
/// may describe a machine without). `source` is the file's name.

/// hwloc's XML (versions 1 and 2). A CPU for each NUMA node; a PCIe switch for each bridge that two
/// or more GPUs or NICs hang below, other bridges pass their speed on; NVLinks from the
/// NVLinkBandwidth matrix where there is one.
NodeTopology read_hwloc(std::string text, const std::string& source, const TopologyLookup& lookup);

/// What NCCL_TOPO_FILE takes and NCCL_TOPO_DUMP_FILE writes.
NodeTopology read_nccl_topology(std::string text, const std::string& source,
                                const TopologyLookup& lookup);

/// The matrix of `nvidia-smi topo -m`, with or without its legend. PIX and PXB put devices on one
/// PCIe switch, NUMA affinity on a CPU. As many NVLinks as a GPU has, to every other: through a
/// switch; fewer: directly.
NodeTopology read_nvidia_smi(std::string_view text, const std::string& source,
                             const TopologyLookup& lookup);

/// One Node and the ResourceSlices of its GPU driver (resource.k8s.io v1, v1beta1, v1beta2), as
/// documents or as a List. GPUs share a PCIe switch with their pcieRoot, a CPU with their numaNode,
/// NVSwitches with their cliqueID.
NodeTopology read_kubernetes_node(std::string_view text, const std::string& source,
                                  const TopologyLookup& lookup);

/// Any of these, by the look of the text.
NodeTopology read_topology(const std::filesystem::path& file, const TopologyLookup& lookup);

}  // namespace plimsoll
