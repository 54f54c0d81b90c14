// A quantile table and how well it stands for the data that it was fitted to.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "traces/quantile_table.hpp"

namespace plimsoll {

/// A table written by hand may not say how well it fits.
struct FittedTable {
  QuantileTable table;
  std::optional<double>
      ks_distance;  ///< largest difference of the two cumulative distributions, to 7 decimals
  std::optional<double> data_mean;  ///< of the data, to 3 decimals; table.mean() is the table's

  friend bool operator==(const FittedTable&, const FittedTable&) = default;
};

/// At most 64 knots, every knot a point of the data's own distribution (shares to 7 decimals), chosen so that the
/// largest error in units of sqrt(F (1 - F)), the standard error of a share, is the least that 64 knots reach; so the
/// tails are held as tightly as they deserve. `values` is not empty and holds nothing below 1.
FittedTable fit_table(std::vector<std::int32_t> values);

}  // namespace plimsoll
