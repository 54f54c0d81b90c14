// Robust fits of grids of factors: log time = log of a sum of scale * grid, under Huber's loss, with cross-validation.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/step_time/fitted_grid.hpp"

namespace plimsoll {

/// One summand of a time: a known scale per row times an unknown grid.
struct GridTerm {
  std::vector<GridAxis> axes;       ///< names and knots; an axis with one knot is a constant
  std::vector<double> coordinates;  ///< row after row, one per axis, positive
  std::vector<double> scale;        ///< one per row, >= 0
  /// Weight of the roughness (second differences over the logarithm of the coordinate, per doubling) against the rows;
  /// it also fills knots that no row is near.
  double smoothness = 0.01;
};

/// Measured times, the terms that add up to them, and which rows belong together.
struct GridProblem {
  std::vector<GridTerm> terms;
  std::vector<double> time_us;  ///< positive
  std::vector<double> weight;   ///< one per row; errors are stated of rows of the largest weight
  /// Rows of one configuration have one number: a fold holds whole configurations out.
  std::vector<std::int64_t> configuration;
  double huber = 0.05;  ///< beyond this relative error a row counts less
};

struct GridFit {
  std::vector<FittedGrid> grids;  ///< one per term, of all rows
  double median_error = 0;        ///< |predicted / measured - 1| of rows held out
  double p90_error = 0;
};

/// Gauss-Newton with reweighting on all rows; five folds of configurations for the errors. At least two rows.
GridFit fit_grids(const GridProblem& problem);

/// The q-quantile of a non-empty set.
double quantile(std::vector<double> values, double q);

}  // namespace plimsoll
