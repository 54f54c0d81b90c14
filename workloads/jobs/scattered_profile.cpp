#include "workloads/jobs/scattered_profile.hpp"

#include <cstddef>

namespace plimsoll {

namespace {

std::vector<Point3> places_of(const std::vector<ProfilePoint>& points) {
  std::vector<Point3> places;
  for (const ProfilePoint& point : points) places.push_back(point.at);
  return places;
}

}  // namespace

ScatteredProfile::ScatteredProfile(const std::vector<ProfilePoint>& points)
    : delaunay_(places_of(points)) {
  for (const ProfilePoint& point : points) times_.push_back(point.times);
}

std::optional<StepTimes> ScatteredProfile::at(const Point3& point) const {
  const auto found = delaunay_.locate(point);
  if (!found) return std::nullopt;
  StepTimes sum;
  for (std::size_t i = 0; i < 4; ++i) {
    const StepTimes& times = times_[static_cast<std::size_t>(found->corners[i])];
    sum.step_s += found->weights[i] * times.step_s;
    sum.sync_s += found->weights[i] * times.sync_s;
  }
  return sum;
}

}  // namespace plimsoll
