// What a scheduler knows of nodes: what they have, and what of it is free as last observed.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "hardware/resource_request.hpp"
#include "policies/mig_fit.hpp"

namespace plimsoll {

/// Levels of a cluster's topology, from the closest: e.g. NVLink domain, rack, leaf, spine, fabric pod.
inline constexpr std::size_t kMaxTopologyLevels = 6;

/// What does not change while a node is there.
struct NodeFacts {
  std::int64_t cpu_milli = 0;
  Bytes memory{};
  std::int32_t gpus = 0;
  std::int32_t gpu_kind = -1;  ///< index into ClusterFacts::gpu_kinds; -1: no GPUs
  /// By level of ClusterFacts::levels: which domain the node is in. Domains of a level are numbered from 0.
  std::array<std::uint32_t, kMaxTopologyLevels> domain{};
  /// How its GPUs can be partitioned, the same for nodes that are alike; null: they are not shared by MIG.
  std::shared_ptr<const MigFits> mig{};
};

/// A kind of MIG partition. Where GPUs have different partitions of one name, each is a kind.
struct MigProfileName {
  std::string name;            ///< "1g.10gb"
  std::int32_t gpu_milli = 0;  ///< its part of the GPU's compute slices

  friend bool operator==(const MigProfileName&, const MigProfileName&) = default;
};

/// What does not change while a cluster is there; shared by all views of it.
struct ClusterFacts {
  std::vector<NodeFacts> nodes;                ///< by row of the table of nodes
  std::vector<std::string> gpu_kinds;          ///< e.g. names of the GPU catalogue; at most 64
  std::vector<std::string> levels;             ///< names of topology levels, closest first
  std::vector<MigProfileName> mig_profiles{};  ///< that workers may ask for; at most 127
};

/// Sizes of GPU workers: a share of a GPU, then 1, 2, up to 4, up to 8, up to 16 whole GPUs.
inline constexpr std::size_t kGpuWorkerSizes = 6;
constexpr std::size_t gpu_worker_size(std::int32_t gpus, std::int32_t gpu_milli) {
  if (gpu_milli < kWholeGpu) return 0;
  return 1 + static_cast<std::size_t>(std::bit_width(static_cast<std::uint32_t>(gpus - 1)));
}

/// What of a node is free.
struct NodeRow {
  SimTime observed_at{};  ///< when it was so
  std::int64_t free_cpu_milli = 0;
  Bytes free_memory{};
  /// Of each GPU, in thousandths: kWholeGpu is an idle one. 0 beyond the node's GPUs.
  std::array<std::uint16_t, kMaxGpusPerNode> free_gpu_milli{};
  std::int32_t gpu_workers = 0;  ///< workers on the node that hold GPUs
  /// The same by gpu_worker_size: which kinds of work the node hosts.
  std::array<std::uint16_t, kGpuWorkerSizes> gpu_workers_of_size{};
  bool schedulable = true;  ///< ready, not cordoned
  /// Of each GPU, a bit per memory slice that a MIG partition has. A GPU with any can be taken by partitions alone;
  /// what of free_gpu_milli is left are compute slices.
  std::array<std::uint8_t, kMaxGpusPerNode> mig_slices{};

  friend bool operator==(const NodeRow&, const NodeRow&) = default;
};

/// The row of an empty node.
NodeRow idle_node(const NodeFacts& facts);

}  // namespace plimsoll
