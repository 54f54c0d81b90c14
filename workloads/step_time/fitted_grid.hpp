// Fitted factors on a grid of logarithmic axes: how measured operators depart from a formula.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace plimsoll {

/// One coordinate of a grid, such as the rows m of a matrix product.
struct GridAxis {
  std::string name;
  std::vector<double> knots;  ///< ascending, positive: values of the coordinate
};

/// A factor exp(value) at each knot, multilinear in the logarithms of the coordinates between them;
/// beyond the outermost knots the nearest one's factor holds. A grid without axes is the factor 1.
/// At most four axes.
struct FittedGrid {
  std::vector<GridAxis> axes;
  std::vector<double>
      log_factors;  ///< row-major, the last axis fastest; as many as there are knots

  /// Number of knots, the product over the axes; 0 without axes.
  std::size_t size() const;
  /// `coordinates`: one per axis, positive.
  double factor(std::span<const double> coordinates) const;
  /// Whether the coordinates lie within the outermost knots.
  bool covers(std::span<const double> coordinates) const;
};

}  // namespace plimsoll
