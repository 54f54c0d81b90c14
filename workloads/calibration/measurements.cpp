#include "workloads/calibration/measurements.hpp"

#include <algorithm>

namespace plimsoll {

std::int32_t Measurements::set(const MeasurementSet& wanted) {
  const auto found = std::find(sets.begin(), sets.end(), wanted);
  if (found != sets.end()) return static_cast<std::int32_t>(found - sets.begin());
  sets.push_back(wanted);
  return static_cast<std::int32_t>(sets.size()) - 1;
}

}  // namespace plimsoll
