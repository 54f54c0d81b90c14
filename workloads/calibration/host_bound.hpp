// Tells kernels that were measured as fast as the host launches them from those that the GPU's work bounds.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {

/// What each kernel takes for next to no work. A launch inside a CUDA graph costs a few microseconds; far above that,
/// the host is what was timed, and rows near the floor only bound the GPU's time from above.
class HostFloors {
 public:
  /// `idle_us`: by measurement set, times of next to no work.
  explicit HostFloors(const std::map<std::int32_t, std::vector<double>>& idle_us) {
    for (const auto& [set, times] : idle_us) floors_[set] = quantile(times, 0.5);
  }

  /// Whether a measured time is the host's.
  bool hides(std::int32_t set, double us) const {
    const auto found = floors_.find(set);
    return found != floors_.end() && found->second > kLaunchUs && us < kMargin * found->second;
  }

  /// Whether the host was what was timed, and so work that is expected to take `us` cannot be seen.
  bool covers(std::int32_t set, double us) const {
    const auto found = floors_.find(set);
    return found != floors_.end() && found->second > kLaunchUs && us < found->second;
  }

 private:
  static constexpr double kLaunchUs = 30;
  static constexpr double kMargin = 1.5;
  std::map<std::int32_t, double> floors_;
};

}  // namespace plimsoll
