#include "planner/tables/fgd_curves.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace plimsoll {

double round_to_cents(double value) {
  const double cents = value * 100.0;
  const double nearest = std::nearbyint(cents);
  // Away from the middle between two cents the product's rounding cannot matter.
  if (std::abs(std::abs(cents - nearest) - 0.5) > 1e-6) return nearest / 100.0;
  return std::stod(fmt::format("{:.2f}", value));
}

void FgdCurveMaker::add(const AfterPod& after) {
  const double load = static_cast<double>(after.arrived_gpu_milli) / gpus_ / 10.0;
  const double point = std::nearbyint(load);  // half to even
  if (point >= static_cast<double>(kLoadPoints)) return;
  Sum& sum = sums_[static_cast<std::size_t>(point)];
  sum.allocation += round_to_cents(static_cast<double>(after.used_gpu_milli) / gpus_ / 10.0);
  sum.lost_milli += round_to_cents(after.lost_gpu_milli);
  const auto free = static_cast<double>(after.free_gpu_milli);
  sum.ratio += free > 0 ? round_to_cents(100.0 * after.lost_gpu_milli / free) : 0.0;
  ++sum.pods;
}

FgdCurves FgdCurveMaker::curves() const {
  FgdCurves curves;
  for (std::size_t point = 0; point < kLoadPoints; ++point) {
    Sum sum = sums_[point];
    if (sum.pods == 0) {
      for (const std::size_t near : {point - 1, point + 1}) {
        if (near >= kLoadPoints) continue;  // point - 1 of 0 too
        sum.allocation += sums_[near].allocation;
        sum.lost_milli += sums_[near].lost_milli;
        sum.ratio += sums_[near].ratio;
        sum.pods += sums_[near].pods;
      }
    }
    const auto pods = static_cast<double>(std::max<std::int64_t>(sum.pods, 1));
    curves.allocation[point] = sum.allocation / pods;
    curves.lost[point] = 100.0 * (sum.lost_milli / pods) / 1000.0 / gpus_;
    curves.ratio[point] = sum.ratio / pods;
  }
  return curves;
}

}  // namespace plimsoll
