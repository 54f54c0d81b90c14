// The best table of at most 64 knots. For a tolerance, the fewest knots that keep it are a shortest path over the
// points of the data's distribution; the least tolerance for which 64 are enough is found by bisection.
// Source of the path formulation: Imai, Iri, "An optimal algorithm for approximating a piecewise linear function",
// Journal of Information Processing 9(3), 1986.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "core/assert.hpp"
#include "traces/fitted_table.hpp"

namespace plimsoll {
namespace {

/// A point of the data's distribution, and the standard error of its share for one request: sqrt(F (1 - F)).
struct Point {
  QuantileKnot knot;
  double error_scale = 0;
};

/// To so many decimals, so that what a file says is what was fitted.
double rounded(double value, double per_unit) {
  return std::floor(value * per_unit + 0.5) / per_unit;
}

Point point(std::int32_t value, std::ptrdiff_t count, std::size_t total) {
  const double share = rounded(static_cast<double>(count) / static_cast<double>(total), 1e7);
  return {{value, share}, std::sqrt(share * (1 - share))};
}

/// For each value of the data, the point there and the point one below, where the flat step before it ends: whatever
/// is linear between points is wrong the most at one of them.
std::vector<Point> distribution(std::vector<std::int32_t> values) {
  std::sort(values.begin(), values.end());
  std::vector<Point> points;
  for (auto i = values.begin(); i != values.end();) {
    const std::int32_t value = *i;
    if (points.empty() || points.back().knot.value < value - 1) {
      points.push_back(point(value - 1, i - values.begin(), values.size()));
    }
    i = std::upper_bound(i, values.end(), value);
    points.push_back(point(value, i - values.begin(), values.size()));
  }
  return points;
}

constexpr std::uint32_t kUnreached = std::numeric_limits<std::uint32_t>::max();

/// A way to a point: the fewest knots before it, and the last of them.
struct Step {
  std::uint32_t knots_before = kUnreached;
  std::uint32_t from = 0;
};

/// Relaxes all points that one straight piece from `from` may reach: the slopes allowed so far form a cone.
void reach(const std::vector<Point>& points, std::size_t from, double tolerance,
           std::vector<Step>& steps) {
  const Point& start = points[from];
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
  for (std::size_t to = from + 1; to < points.size() && least <= most; ++to) {
    const double width = points[to].knot.value - start.knot.value;
    const double rise = points[to].knot.share - start.knot.share;
    const bool allowed = rise >= least * width && rise <= most * width;
    if (allowed && steps[from].knots_before + 1 < steps[to].knots_before) {
      steps[to] = {steps[from].knots_before + 1, static_cast<std::uint32_t>(from)};
    }
    const double slack = tolerance * points[to].error_scale;
    least = std::max(least, (rise - slack) / width);
    most = std::min(most, (rise + slack) / width);
  }
}

/// The fewest knots that keep the tolerance, first and last point included.
std::vector<QuantileKnot> fewest_knots(const std::vector<Point>& points, double tolerance) {
  std::vector<Step> steps(points.size());
  steps.front().knots_before = 0;
  for (std::size_t from = 0; from + 1 < points.size(); ++from) {
    if (steps[from].knots_before != kUnreached) reach(points, from, tolerance, steps);
  }
  std::vector<QuantileKnot> knots{points.back().knot};
  for (std::size_t i = points.size() - 1; i != 0; i = steps[i].from) {
    knots.push_back(points[steps[i].from].knot);
  }
  std::reverse(knots.begin(), knots.end());
  return knots;
}

/// Approaches the least tolerance from below, because a wide one makes long pieces, which are slow to try.
QuantileTable best_table(const std::vector<Point>& points) {
  constexpr double kTight = 0x1p-10;
  constexpr int kHalvings = 30;
  std::vector<QuantileKnot> best = fewest_knots(points, 0);
  if (best.size() <= kMostKnots) return QuantileTable(std::move(best));
  double low = 0;
  double high = kTight;
  for (best = fewest_knots(points, high); best.size() > kMostKnots;
       best = fewest_knots(points, high)) {
    low = std::exchange(high, 2 * high);
  }
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    auto knots = fewest_knots(points, middle);
    const bool enough = knots.size() <= kMostKnots;
    (enough ? high : low) = middle;
    if (enough) best = std::move(knots);
  }
  return QuantileTable(std::move(best));
}

}  // namespace

FittedTable fit_table(std::vector<std::int32_t> values) {
  PLIMSOLL_ASSERT(!values.empty(), "no value to fit a table to");
  std::int64_t sum = 0;
  for (const std::int32_t value : values) sum += value;
  const double mean = static_cast<double>(sum) / static_cast<double>(values.size());
  const std::vector<Point> points = distribution(std::move(values));
  QuantileTable table = best_table(points);
  double distance = 0;
  for (const Point& at : points) {
    distance = std::max(distance, std::fabs(table.share_at(at.knot.value) - at.knot.share));
  }
  return {std::move(table), rounded(distance, 1e7), rounded(mean, 1e3)};
}

}  // namespace plimsoll
