// The MIG profiles of a cluster: from what the GPU catalogue states to what placement reckons with, and to what a
// worker asks for.
#pragma once

#include <span>
#include <string_view>

#include "hardware/devices/mig_spec.hpp"
#include "policies/node_table.hpp"

namespace plimsoll {

/// The GPUs of node i are shared by MIG as `by_node[i]` states; nullptr: they are not. Fills in the lists of profiles
/// of `facts`. Throws ConfigError: more than 8 memory or 31 compute slices, a profile beyond the slices of its GPU.
void share_by_mig(ClusterFacts& facts, std::span<const MigSpec* const> by_node);

/// What a worker asks for that wants one partition, with CPU and memory left to fill in; `kinds`: GPUs that it accepts.
/// Throws ConfigError: no such profile on these kinds, or the name stands for different parts of their GPUs.
ResourceRequest mig_worker(const ClusterFacts& facts, std::string_view profile,
                           GpuKinds kinds = kAnyGpuKind);

}  // namespace plimsoll
