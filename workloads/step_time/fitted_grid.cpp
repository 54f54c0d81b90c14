#include "workloads/step_time/fitted_grid.hpp"

#include <algorithm>
#include <array>

#include "core/assert.hpp"
#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

constexpr std::size_t kMostAxes = 4;

/// Where a coordinate stands between two knots: `share` of the way from knot `lower` to the next.
struct AxisPlace {
  std::size_t lower = 0;
  double share = 0;
};

AxisPlace place_on(const GridAxis& axis, double coordinate) {
  const std::vector<double>& knots = axis.knots;
  if (coordinate <= knots.front()) return {0, 0};
  if (coordinate >= knots.back()) return {knots.size() - 1, 0};
  const auto above = std::upper_bound(knots.begin(), knots.end(), coordinate);
  const double low = *(above - 1);
  const double share = portable::log(coordinate / low) / portable::log(*above / low);
  return {static_cast<std::size_t>(above - knots.begin()) - 1, share};
}

}  // namespace

std::size_t FittedGrid::size() const {
  if (axes.empty()) return 0;
  std::size_t knots = 1;
  for (const GridAxis& axis : axes) knots *= axis.knots.size();
  return knots;
}

// The corners of the surrounding box, weighted: axis by axis, the last fastest.
double FittedGrid::factor(std::span<const double> coordinates) const {
  if (axes.empty()) return 1.0;
  PLIMSOLL_ASSERT(coordinates.size() == axes.size() && axes.size() <= kMostAxes,
                  "{} coordinates of {} axes", coordinates.size(), axes.size());
  std::array<AxisPlace, kMostAxes> places;
  for (std::size_t a = 0; a < axes.size(); ++a) places[a] = place_on(axes[a], coordinates[a]);
  double sum = 0;
  for (std::size_t corner = 0; corner < std::size_t{1} << axes.size(); ++corner) {
    double weight = 1;
    std::size_t index = 0;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const bool upper = ((corner >> a) & 1u) != 0;
      weight *= upper ? places[a].share : 1.0 - places[a].share;
      index = index * axes[a].knots.size() + places[a].lower + (upper ? 1 : 0);
    }
    if (weight > 0) sum += weight * log_factors[index];
  }
  return portable::exp(sum);
}

bool FittedGrid::covers(std::span<const double> coordinates) const {
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (coordinates[a] < axes[a].knots.front() || coordinates[a] > axes[a].knots.back())
      return false;
  return true;
}

}  // namespace plimsoll
