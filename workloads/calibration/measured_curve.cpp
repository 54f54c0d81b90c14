#include "workloads/calibration/measured_curve.hpp"

#include <cmath>
#include <vector>

#include "core/portable_math.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {

FittedGrid measured_curve(const std::string& axis, const std::map<double, double>& points_us) {
  FittedGrid curve;
  if (points_us.empty()) return curve;
  curve.axes = {{axis, {}}};
  for (const auto& [coordinate, us] : points_us) {
    curve.axes[0].knots.push_back(coordinate);
    curve.log_factors.push_back(portable::log(us));
  }
  return curve;
}

void state_knot_errors(const FittedGrid& curve, FitQuality& quality) {
  const std::vector<double>& knots = curve.axes[0].knots;
  std::vector<double> errors;
  for (std::size_t i = 1; i + 1 < knots.size(); ++i) {
    const double share =
        portable::log(knots[i] / knots[i - 1]) / portable::log(knots[i + 1] / knots[i - 1]);
    const double between =
        curve.log_factors[i - 1] * (1 - share) + curve.log_factors[i + 1] * share;
    errors.push_back(std::abs(portable::exp(between - curve.log_factors[i]) - 1));
  }
  if (errors.empty()) return;
  quality.median_error = quantile(errors, 0.5);
  quality.p90_error = quantile(errors, 0.9);
}

}  // namespace plimsoll
