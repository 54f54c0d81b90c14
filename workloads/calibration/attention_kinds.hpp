// Rows of one kind of attention, and how its knots follow from what was measured.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "workloads/calibration/measurements.hpp"

namespace plimsoll {

using AttentionRows = std::vector<const AttentionRow*>;

/// Wider windows cost what full attention of the tokens within them costs.
inline constexpr std::int32_t kWidestWindow = 1024;

inline std::map<AttentionKind, AttentionRows> rows_by_kind(const std::vector<AttentionRow>& rows) {
  std::map<AttentionKind, AttentionRows> kinds;
  for (const AttentionRow& row : rows)
    if (row.kind.window <= kWidestWindow) kinds[row.kind].push_back(&row);
  return kinds;
}

/// Those of `wanted` that lie among the measured values, and the outermost measured ones.
inline std::vector<double> knots_within(const std::vector<double>& wanted,
                                        std::vector<double> measured) {
  const auto [least, most] = std::minmax_element(measured.begin(), measured.end());
  std::vector<double> knots{*least};
  for (const double knot : wanted)
    if (knot > *least && knot < *most) knots.push_back(knot);
  if (*most > *least) knots.push_back(*most);
  return knots;
}

}  // namespace plimsoll
