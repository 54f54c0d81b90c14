// A Delaunay triangulation of points in three dimensions, and which of its tetrahedra holds a point.
//
// Measured grids are full of cospherical points, whose boxes Qhull cuts into tetrahedra that need not meet in the same
// diagonal on both sides of a face. Which side counts for a point on such a face is then a matter of the search: this
// one finds what SciPy 1.17 finds (spatial.Delaunay, find_simplex from the first simplex on), so that interpolations
// are those of studies made with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace plimsoll {

using Point3 = std::array<double, 3>;

class Delaunay {
 public:
  /// Without tetrahedra where the points span no volume.
  explicit Delaunay(const std::vector<Point3>& points);

  bool empty() const { return cells_.empty(); }

  /// Corners of a tetrahedron that holds the point, and their weights, which sum to 1. Nothing outside the hull.
  struct Location {
    std::array<std::int32_t, 4> corners{};
    std::array<double, 4> weights{};
  };
  std::optional<Location> locate(const Point3& point) const;

 private:
  struct Cell {
    std::array<std::int32_t, 4> corners{};
    std::array<std::int32_t, 4> neighbours{};  ///< across from each corner; -1: outside
    std::array<double, 5> plane{};             ///< of the facet that it is on the lifted paraboloid
    std::array<double, 9> inverse{};           ///< of the edges from the last corner, by rows
    Point3 origin{};                           ///< the last corner
    bool flat = false;                         ///< without volume: weights mean nothing

    std::array<double, 4> weights(const Point3& point) const;
  };
  void span(Cell& cell, const std::vector<Point3>& points) const;
  std::array<double, 4> lifted(const Point3& point) const;
  std::size_t walk_up(const Point3& point) const;
  std::optional<Location> any_cell(const Point3& point) const;

  std::vector<Cell> cells_;
  double lift_scale_ = 1;
  double lift_shift_ = 0;

  friend class QhullRun;
};

}  // namespace plimsoll
