// Step times measured at scattered (nodes, replicas, local batch), and linear interpolation between them.
#pragma once

#include <optional>
#include <vector>

#include "workloads/jobs/delaunay.hpp"

namespace plimsoll {

/// One iteration of data-parallel training, in seconds.
struct StepTimes {
  double step_s = 0;  ///< forward, backward, synchronisation
  double sync_s = 0;  ///< of it, synchronisation of gradients

  friend bool operator==(const StepTimes&, const StepTimes&) = default;
};

struct ProfilePoint {
  Point3 at{};  ///< nodes, replicas, local batch
  StepTimes times;
};

/// Linear within the tetrahedra of a Delaunay triangulation.
class ScatteredProfile {
 public:
  explicit ScatteredProfile(const std::vector<ProfilePoint>& points);

  /// Nothing outside the points' convex hull, which is empty where they span no volume.
  std::optional<StepTimes> at(const Point3& point) const;

 private:
  std::vector<StepTimes> times_;
  Delaunay delaunay_;
};

}  // namespace plimsoll
