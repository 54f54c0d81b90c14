// How a FittedGrid stands in YAML: a list of knots under each axis' name, in order, and
// `log_factors`.
//
//   {m: [1, 8, 64], n: [128, 8192], log_factors: [0.1, 0, 0.05, 0, -0.02, 0]}
//   {m: [1, 8, 64], n: [128, 8192], log_factors: ["1000 0 500 0 -200 0"]}  in ten-thousandths
#pragma once

#include "core/config/fields.hpp"
#include "workloads/step_time/fitted_grid.hpp"

namespace plimsoll {

template <>
struct FieldType<FittedGrid> {
  using Number = Unordered;
  /// Faults: no list, a knot that is not above the one before or not above 0, other than size()
  /// logarithms within [-30, 30].
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   FittedGrid& out);
  static ConfigNode write(const FittedGrid& grid);
};

}  // namespace plimsoll
