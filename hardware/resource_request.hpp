// What a worker of a job asks of the node that it runs on, and what such nodes have.
#pragma once

#include <cstdint>

#include "core/quantity.hpp"

namespace plimsoll {

/// GPUs of one node, at most: a node is what Kubernetes calls one (of an NVL72 rack, a compute tray).
inline constexpr std::int32_t kMaxGpusPerNode = 16;

/// A whole GPU, in the thousandths in which shares of GPUs are counted.
inline constexpr std::int32_t kWholeGpu = 1000;

/// Kinds of GPUs as bits: bit k stands for kind k of a cluster's list of kinds, which has at most 64.
using GpuKinds = std::uint64_t;
inline constexpr GpuKinds kAnyGpuKind = ~GpuKinds{0};

/// What one worker (a Kubernetes pod) asks of a node.
struct ResourceRequest {
  std::int64_t cpu_milli = 0;
  Bytes memory{};
  std::int32_t gpus = 0;
  std::int32_t gpu_milli = kWholeGpu;  ///< of each GPU; below kWholeGpu only where gpus == 1
  GpuKinds gpu_kinds = kAnyGpuKind;    ///< kinds that it accepts
  /// A MIG partition, by number of the cluster's list of profiles, with its gpu_milli, where gpus == 1; -1: none.
  std::int8_t mig_profile = -1;

  friend bool operator==(const ResourceRequest&, const ResourceRequest&) = default;
};

/// Workers that ask for the same.
struct SubGang {
  std::int32_t workers = 1;
  ResourceRequest each;

  friend bool operator==(const SubGang&, const SubGang&) = default;
};

}  // namespace plimsoll
