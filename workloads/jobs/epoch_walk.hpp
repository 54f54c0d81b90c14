// Training as a walk through epochs, each at a rate of its own.
#pragma once

#include <cmath>

#include "workloads/job_spec.hpp"

namespace plimsoll {

/// `end(epoch)`: progress at the end of an epoch; `rate(epoch)`: progress per second during it. Intermediate ends of
/// epochs fall on whole seconds (half to even).
template <class End, class Rate>
Duration time_through_epochs(JobProgress progress, std::int32_t epochs, End&& end, Rate&& rate) {
  double seconds = 0;
  for (; progress.epoch < epochs; ++progress.epoch) {
    const double left = (end(progress.epoch) - progress.done) / rate(progress.epoch);
    const bool last = progress.epoch + 1 == epochs;
    seconds += last ? left : std::nearbyint(left);
    progress.done = end(progress.epoch);
  }
  return Duration{static_cast<std::int64_t>(std::ceil(seconds * 1e9))};
}

template <class End, class Rate>
JobProgress walk_epochs(JobProgress progress, std::int32_t epochs, End&& end, Rate&& rate,
                        Duration run) {
  double seconds = to_seconds(run);
  while (progress.epoch < epochs) {
    const double per_second = rate(progress.epoch);
    const double goal = end(progress.epoch);
    if (progress.done + per_second * seconds < goal) {
      progress.done += per_second * seconds;
      break;
    }
    seconds -= std::nearbyint((goal - progress.done) / per_second);
    progress.done = goal;
    ++progress.epoch;
  }
  return progress;
}

}  // namespace plimsoll
