// A curve through measured points, and what is known of its errors between them.
#pragma once

#include <map>
#include <string>

#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// Knots where it was measured. No points: no axes.
FittedGrid measured_curve(const std::string& axis, const std::map<double, double>& points_us);

/// The errors of the curve at each inner knot, were that one left out; no more than three knots: 0.
void state_knot_errors(const FittedGrid& curve, FitQuality& quality);

}  // namespace plimsoll
