// How traffic goes inside a node: islands, routes, and the rates of flows that share links.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

/// GPUs that reach each other over NVLink or Infinity Fabric alone; a GPU without either is an
/// island of its own. In the order of their first GPUs.
std::vector<std::vector<DeviceId>> scale_up_islands(const NodeTopology& topology);

/// The part of a flow that crosses one link in one direction.
struct RouteShare {
  DeviceId from = 0;
  DeviceId to = 0;
  LinkKind kind = LinkKind::pcie;
  BytesPerSecond capacity{};
  double share = 0;  ///< of the flow, in (0, 1]
};

/// Where a flow between two devices goes: over all paths of least latency, split at every device in
/// proportion to the bandwidth of the links that lead on. GPUs, NICs and the network do not
/// forward.
struct Route {
  Duration latency{};          ///< sum over the links of a path
  BytesPerSecond bandwidth{};  ///< that the flow has alone; 0 where there is no way
  std::vector<RouteShare> shares;

  bool exists() const { return bandwidth.count() > 0; }
};

/// A device's route to itself has no links and no limit but `BytesPerSecond` of infinity.
Route route_between(const NodeTopology& topology, DeviceId from, DeviceId to);

struct Flow {
  DeviceId from = 0;
  DeviceId to = 0;
};

/// Max-min fair rates of flows that all run at once: no flow can have more without another, that
/// has no more, having less. A link's two directions are apart. 0 for a flow without a way.
std::vector<BytesPerSecond> shared_rates(const NodeTopology& topology, std::span<const Flow> flows);

/// How two devices are joined, in the words of `nvidia-smi topo -m`: NV<links>, XGMI, PIX (one PCIe
/// switch), PXB (several), PHB (a CPU), SYS (two CPUs), X (the same device).
std::string connection_label(const NodeTopology& topology, DeviceId a, DeviceId b);

/// What one GPU of the group can send to the others while all do: in a ring (each to the next, in
/// the order that keeps neighbours near), or each to all others, whichever gives more. Infinite for
/// one GPU.
BytesPerSecond group_bandwidth(const NodeTopology& topology, std::span<const DeviceId> gpus);

/// Of one GPU to its island, all its links together; 0 without any.
BytesPerSecond scale_up_bandwidth(const NodeTopology& topology, DeviceId gpu);
bool in_one_island(const NodeTopology& topology, std::span<const DeviceId> gpus);

/// What a group of GPUs can send out of the node: all NICs that are nearest to one of them, no more
/// than PCIe carries to these. 0 where there are none.
BytesPerSecond network_bandwidth(const NodeTopology& topology, std::span<const DeviceId> gpus);

}  // namespace plimsoll
