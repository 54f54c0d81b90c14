// A distribution of whole numbers as at most 64 points of its cumulative distribution.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll {

/// "share of all values are at most value".
struct QuantileKnot {
  std::int32_t value = 0;
  double share = 0;

  friend bool operator==(const QuantileKnot&, const QuantileKnot&) = default;
};

inline constexpr std::size_t kMostKnots = 64;

/// Shares between knots are linear in the value; at the knots they are exact. Two knots one value apart therefore
/// hold a mass point as it is, two knots of one share a gap. The first knot has share 0: it lies one below the least
/// value. The last has share 1 and is the greatest value.
class QuantileTable {
 public:
  /// Two to kMostKnots knots, values rising, shares never falling, from 0 to 1; first value >= 0.
  explicit QuantileTable(std::vector<QuantileKnot> knots);

  /// The least value whose share is at least u; 0 < u < 1.
  std::int32_t at(double u) const;
  /// Share of values that are at most `value`.
  double share_at(std::int32_t value) const;
  double mean() const;
  const std::vector<QuantileKnot>& knots() const { return knots_; }

  friend bool operator==(const QuantileTable& a, const QuantileTable& b) {
    return a.knots_ == b.knots_;
  }

 private:
  static constexpr std::size_t kGuides = 256;
  std::vector<QuantileKnot> knots_;
  std::array<std::uint8_t, kGuides>
      guide_{};  ///< [i]: the last knot with all before it below i / kGuides: where the search begins
  std::vector<double>
      slope_;  ///< [i]: values per unit of share behind knot i; 0 in a gap, where no value lies
};

}  // namespace plimsoll
