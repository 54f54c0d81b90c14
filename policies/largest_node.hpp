// What rules of the FGD study measure nodes against: the largest node of the openb cluster
// (hkust-adsl/kubernetes-scheduler-simulator, open-gpu-share/utils/const.go: MaxSpecCpu, MaxSpecGpu).
#pragma once

#include <cstdint>

namespace plimsoll {

inline constexpr std::int32_t kLargestNodeCpuMilli = 128'000;
inline constexpr std::int32_t kLargestNodeGpuMilli = 8'000;

/// Added to scores of 0 to 100, so that they stay above 0 on nodes that are larger than that.
inline constexpr std::int32_t kRoomForLargerNodes = 1'000'000;

}  // namespace plimsoll
