// The row with the highest value among many: a tournament tree, O(log rows) per change of a value.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace plimsoll {

/// Ties go to the lowest row, which is the first name. Copyable.
class HighestRow {
 public:
  /// All values are the lowest possible at first.
  explicit HighestRow(std::uint32_t rows = 0)
      : rows_(rows),
        leaves_(std::bit_ceil(std::max<std::size_t>(rows, 2))),
        tree_(2 * leaves_, entry(std::numeric_limits<std::int32_t>::min(), ~std::uint32_t{0})) {}

  std::uint32_t rows() const { return rows_; }
  std::int32_t value(std::uint32_t row) const { return value_of(tree_[leaves_ + row]); }

  void set(std::uint32_t row, std::int32_t value) {
    std::size_t node = leaves_ + row;
    tree_[node] = entry(value, row);
    for (node /= 2; node > 0; node /= 2) {
      const std::int64_t winner = std::max(tree_[2 * node], tree_[2 * node + 1]);
      if (tree_[node] == winner) break;
      tree_[node] = winner;
    }
  }

  std::uint32_t best() const { return ~static_cast<std::uint32_t>(tree_[1]); }
  std::int32_t best_value() const { return value_of(tree_[1]); }

 private:
  /// Ordered by value, then from the last row to the first.
  static std::int64_t entry(std::int32_t value, std::uint32_t row) {
    return (std::int64_t{value} << 32) | ~row;
  }
  static std::int32_t value_of(std::int64_t entry) {
    return static_cast<std::int32_t>(entry >> 32);
  }

  std::uint32_t rows_;
  std::size_t leaves_;
  std::vector<std::int64_t> tree_;  ///< node n has children 2n and 2n + 1; the winner is tree_[1]
};

}  // namespace plimsoll
