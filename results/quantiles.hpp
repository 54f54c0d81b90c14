// Exact quantiles of many values without sorting them: values in a list, or the gaps between tokens, which come as
// arithmetic progressions and are never expanded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll {

/// A multiset of whole numbers in [0, 2^62) that live elsewhere, and their counts in buckets of 0.1 %. What is added
/// is looked at, not copied: it must outlive the distribution unchanged. Ranks count from 0, the smallest value.
class Distribution {
 public:
  /// The two ends of an interval; an end that lies beyond the data is absent.
  struct Interval {
    std::optional<std::int64_t> low;
    std::optional<std::int64_t> high;
  };

  Distribution();
  void add(std::span<const std::int64_t> values);
  void add(std::span<const ItlRun> runs);  ///< every gap, `sequences` times, in ticks

  std::uint64_t size() const { return size_; }

  /// The values of these ranks (each below size()), exactly: two or three passes over what was added.
  std::vector<std::int64_t> order_statistics(std::span<const std::uint64_t> ranks) const;

  /// Exact quantiles as numpy's default ("linear"): at rank (size - 1) x share, interpolated. Empty: no values.
  std::vector<double> quantiles(std::span<const double> shares) const;

  /// A 95 % interval of the quantile `estimate` of `share`: order statistics (Conover, "Practical Nonparametric
  /// Statistics", 3.2), their variance widened by `variance_inflation`, rounded outwards by at most 0.1 %.
  Interval interval_95(double share, double estimate) const;

  /// How much more the share of values below `value` varies than if values were independent: its variance over 32
  /// stretches of what was added, in that order, over the binomial variance. At least 1; nothing below 64 items.
  std::optional<double> variance_inflation(double value, double share) const;

  /// The value of a rank, rounded down by at most 0.1 %, without a pass: for drawing.
  std::int64_t near_rank(std::uint64_t rank) const;

 private:
  std::vector<std::span<const std::int64_t>> values_;
  std::vector<std::span<const ItlRun>> runs_;
  std::vector<std::uint64_t> counts_;  ///< by bucket
  std::uint64_t size_ = 0;
};

inline constexpr double kItlTicksPerSecond = 65536e9;

/// One quantile of all gaps between tokens, in seconds; nothing when there are no gaps.
std::optional<double> itl_quantile(std::span<const ItlRun> runs, double share);

}  // namespace plimsoll
