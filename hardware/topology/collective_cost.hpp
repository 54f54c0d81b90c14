// How long a collective takes among GPUs as they are placed: in one island, over PCIe, or over
// nodes.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/quantity.hpp"
#include "hardware/topology/collective_spec.hpp"
#include "hardware/topology/fabric_spec.hpp"

namespace plimsoll {

/// A group of GPUs as placed; what a collective's time depends on. ClusterTopology and NodeTopology
/// make it.
struct CollectiveGroup {
  std::int32_t gpus = 1;
  std::int32_t nodes = 1;          ///< that NVLink does not join; an NVL72 rack counts as one
  std::int32_t gpus_per_node = 1;  ///< the most on one of these
  BytesPerSecond gpu_bandwidth{};  ///< of each GPU inside a node while all send, one direction
  bool one_island = true;          ///< NVLink, or its like, joins those of a node
  bool switched = false;           ///< by NVSwitches, which can reduce
  BytesPerSecond network{};        ///< out of a node, all its GPUs of the group together
  Duration network_latency{};      ///< extra, of switches beyond the first
  NetworkSteps steps{};            ///< of the fabric; only read where nodes > 1
};

struct CollectiveTime {
  double us = 0;
  CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
  CollectiveProtocol protocol = CollectiveProtocol::simple;
};

/// The fit of a library's operation that was measured in the groups nearest to `gpus` by ratio, on
/// as many nodes, of the version asked for where the fit names versions ("": the last one). Where
/// the library has none, and for groups over more nodes than any fit's, that of one node. nullptr
/// where there is none at all.
const CollectiveFit* nearest_fit(const CollectiveSpec& spec, std::string_view library,
                                 CollectiveOperation operation, std::int32_t gpus,
                                 std::int32_t nodes = 1, std::string_view version = "");

/// Bytes on a GPU's wire, over those of the message.
double wire_share(CollectiveOperation operation, CollectiveAlgorithm algorithm, double gpus);
/// Steps from GPU to GPU that follow each other.
double step_count(CollectiveOperation operation, CollectiveAlgorithm algorithm, double gpus);

/// Of the fastest way, chosen as NCCL chooses: a model of each algorithm and protocol, the least
/// time counts. Inside a node those are the terms of the fit at the group's own bandwidth (at that
/// of the fit where `gpu_bandwidth` is 0). Between nodes, after ncclTopoTuneModel (NVIDIA/nccl
/// src/graph/tuning.cc):
///   ring: steps between nodes take the fabric's time, bytes go at the lesser of GPU link and node's network;
///   tree (all_reduce): down and up a tree of nodes and a chain inside each, 2 bytes on the network per byte;
///   nvls (all_reduce): switches reduce inside a node, a tree of nodes carries the sums;
///   pairwise: a message to each other node in turn; links and network carry their parts at once.
/// A group of one GPU takes no time. `bytes` > 0.
CollectiveTime collective_time(const CollectiveFit& fit, Bytes bytes, const CollectiveGroup& group);

/// A term as it was fitted, in a group of `gpus` at `bandwidth`. us.
double term_us(const CollectiveTerm& term, CollectiveOperation operation, double bytes, double gpus,
               BytesPerSecond bandwidth);

}  // namespace plimsoll
