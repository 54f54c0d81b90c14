// Which of a calibration's laws answers for a kernel: the one that was measured, or the nearest.
#pragma once

#include <string>
#include <vector>

#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// The law of the nearest kind (head width first, then the KV cache's format, then the window),
/// made to answer for `wanted`: bytes and flops are those of `wanted`. `laws` is not empty.
DecodeAttentionLaw nearest_law(const std::vector<DecodeAttentionLaw>& laws,
                               const AttentionKind& wanted);
PrefillAttentionLaw nearest_law(const std::vector<PrefillAttentionLaw>& laws,
                                const AttentionKind& wanted);
/// The same by format alone.
LatentAttentionLaw nearest_law(const std::vector<LatentAttentionLaw>& laws, const std::string& kv);

/// Of the operation, among the nearest number of GPUs by ratio; nullptr where none is of the
/// operation.
const CollectiveLaw* nearest_collective(const std::vector<CollectiveLaw>& laws,
                                        const std::string& operation, int gpus);

}  // namespace plimsoll
