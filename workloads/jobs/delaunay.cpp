#include "workloads/jobs/delaunay.hpp"

#include <libqhull_r/qhull_ra.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>

namespace plimsoll {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kInside = 100 * kEpsilon;       ///< slack of weights
const double kBeyondFlat = std::sqrt(kEpsilon);  ///< the same, towards a flat neighbour

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

double distance(const std::array<double, 5>& plane, const std::array<double, 4>& point) {
  double distance = plane[4];
  for (std::size_t i = 0; i < 4; ++i) distance += plane[i] * point[i];
  return distance;
}

}  // namespace

/// One computation of Qhull; frees what it holds.
class QhullRun {
 public:
  QhullRun() { qh_zero(&state_, nullptr); }
  ~QhullRun() {
    qh_freeqhull(&state_, False);
    int blocks = 0, bytes = 0;
    qh_memfreeshort(&state_, &blocks, &bytes);
  }
  QhullRun(const QhullRun&) = delete;
  QhullRun& operator=(const QhullRun&) = delete;

  void triangulate(const std::vector<Point3>& points, Delaunay& into) {
    std::vector<double> coordinates;
    for (const Point3& point : points)
      coordinates.insert(coordinates.end(), point.begin(), point.end());
    const std::unique_ptr<std::FILE, CloseFile> silent(std::fopen("/dev/null", "w"));
    char options[] = "qhull d Qt Qbb Qc Qz Q12";
    if (qh_new_qhull(&state_, 3, static_cast<int>(points.size()), coordinates.data(), False,
                     options, nullptr, silent.get()) != 0)
      return;
    if (state_.SCALElast) {
      into.lift_scale_ = state_.last_newhigh / (state_.last_high - state_.last_low);
      into.lift_shift_ = -state_.last_low * into.lift_scale_;
    }
    std::map<unsigned, std::int32_t> numbers;
    for (facetT* facet = state_.facet_list; facet && facet->next; facet = facet->next)
      if (!facet->upperdelaunay)
        numbers.emplace(facet->id, static_cast<std::int32_t>(numbers.size()));
    for (facetT* facet = state_.facet_list; facet && facet->next; facet = facet->next)
      if (!facet->upperdelaunay) into.cells_.push_back(cell_of(*facet, numbers));
  }

 private:
  Delaunay::Cell cell_of(const facetT& facet, const std::map<unsigned, std::int32_t>& numbers) {
    Delaunay::Cell cell;
    for (std::size_t i = 0; i < 4; ++i) {
      auto* vertex = static_cast<vertexT*>(facet.vertices->e[i].p);
      cell.corners[i] = static_cast<std::int32_t>(qh_pointid(&state_, vertex->point));
      const auto* beside = static_cast<const facetT*>(facet.neighbors->e[i].p);
      const auto number = numbers.find(beside->id);
      cell.neighbours[i] = number == numbers.end() ? -1 : number->second;
      cell.plane[i] = facet.normal[i];
    }
    cell.plane[4] = facet.offset;
    return cell;
  }

  qhT state_{};
};

Delaunay::Delaunay(const std::vector<Point3>& points) {
  if (points.size() < 5) return;
  QhullRun().triangulate(points, *this);
  for (Cell& cell : cells_) span(cell, points);
}

void Delaunay::span(Cell& cell, const std::vector<Point3>& points) const {
  cell.origin = points[static_cast<std::size_t>(cell.corners[3])];
  Eigen::Matrix3d edges;
  for (int corner = 0; corner < 3; ++corner) {
    const Point3& at =
        points[static_cast<std::size_t>(cell.corners[static_cast<std::size_t>(corner)])];
    for (int axis = 0; axis < 3; ++axis)
      edges(axis, corner) =
          at[static_cast<std::size_t>(axis)] - cell.origin[static_cast<std::size_t>(axis)];
  }
  const auto norm = [](const Eigen::Matrix3d& matrix) {
    return matrix.cwiseAbs().colwise().sum().maxCoeff();
  };
  const Eigen::Matrix3d inverse = edges.inverse();
  const double condition = 1 / (norm(edges) * norm(inverse));
  cell.flat = !(condition >= 1000 * kEpsilon);
  Eigen::Map<Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(cell.inverse.data()) = inverse;
}

std::array<double, 4> Delaunay::Cell::weights(const Point3& point) const {
  std::array<double, 4> weights{0, 0, 0, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) weights[i] += inverse[3 * i + j] * (point[j] - origin[j]);
    weights[3] -= weights[i];
  }
  return weights;
}

std::array<double, 4> Delaunay::lifted(const Point3& point) const {
  double square = 0;
  for (const double x : point) square += x * x;
  return {point[0], point[1], point[2], square * lift_scale_ + lift_shift_};
}

/// From the first cell to neighbours that the lifted point is further outside of, until it is outside: near the goal.
std::size_t Delaunay::walk_up(const Point3& point) const {
  const std::array<double, 4> at = lifted(point);
  std::size_t cell = 0;
  double best = distance(cells_[0].plane, at);
  for (bool changed = true; changed && best <= 0;) {
    changed = false;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::int32_t beside = cells_[cell].neighbours[i];
      if (beside < 0) continue;
      const double there = distance(cells_[static_cast<std::size_t>(beside)].plane, at);
      if (there <= best + kInside * (1 + std::abs(best))) continue;
      cell = static_cast<std::size_t>(beside);
      best = there;
      changed = true;
    }
  }
  return cell;
}

std::optional<Delaunay::Location> Delaunay::locate(const Point3& point) const {
  if (cells_.empty()) return std::nullopt;
  std::size_t at = walk_up(point);
  for (std::size_t steps = 0; steps <= cells_.size() / 4; ++steps) {
    const Cell& cell = cells_[at];
    if (cell.flat) return any_cell(point);
    const auto weights = cell.weights(point);
    std::size_t out = 0;
    while (out < 4 && weights[out] >= -kInside) ++out;
    if (out == 4) return Location{cell.corners, weights};
    if (cell.neighbours[out] < 0) return std::nullopt;
    at = static_cast<std::size_t>(cell.neighbours[out]);
  }
  return any_cell(point);
}

/// The first cell that holds the point, or borders on a flat one and nearly does.
std::optional<Delaunay::Location> Delaunay::any_cell(const Point3& point) const {
  const auto least = [&](const std::array<double, 4>& weights, const Cell& cell,
                         std::int32_t flat) {
    for (std::size_t i = 0; i < 4; ++i) {
      const double slack = cell.neighbours[i] == flat && flat >= 0 ? kBeyondFlat : kInside;
      if (weights[i] < -slack || weights[i] > 1 + kInside) return false;
    }
    return true;
  };
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    if (!cell.flat) {
      const auto weights = cell.weights(point);
      if (least(weights, cell, -1)) return Location{cell.corners, weights};
      continue;
    }
    for (const std::int32_t beside : cell.neighbours) {
      if (beside < 0 || cells_[static_cast<std::size_t>(beside)].flat) continue;
      const Cell& neighbour = cells_[static_cast<std::size_t>(beside)];
      const auto weights = neighbour.weights(point);
      if (least(weights, neighbour, static_cast<std::int32_t>(i)))
        return Location{neighbour.corners, weights};
    }
  }
  return std::nullopt;
}

}  // namespace plimsoll
