// Rings through a group of GPUs: in which order, and how many at once.
#pragma once

#include <span>

#include "core/quantity.hpp"
#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

/// What each GPU sends to its successor when all do. Where links join GPUs directly, rings are
/// packed as NCCL packs them: the one of most bandwidth first, then the next on what is left.
/// Otherwise one ring, in the order that keeps neighbours near. Up to eight GPUs are searched
/// exhaustively, more by going on to the nearest. `gpus`: two or more.
BytesPerSecond ring_bandwidth(const NodeTopology& topology, std::span<const DeviceId> gpus);

}  // namespace plimsoll
