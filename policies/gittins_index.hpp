// The Gittins index of jobs whose service follows a known distribution.
#pragma once

#include <vector>

#include "core/time.hpp"

namespace plimsoll {

/// G(a) = P(S - a <= D | S > a) / E[min(S - a, D) | S > a], per second of service, for the empirical distribution of a
/// history S and a quantum D: how likely a job that has attained `a` ends within the next quantum, for what that costs.
/// Source: Gu et al., "Tiresias: A GPU Cluster Manager for Distributed Deep Learning", NSDI 2019, section 4.2.
class GittinsIndex {
 public:
  GittinsIndex(std::vector<Duration> history, Duration quantum);

  /// 0 beyond the longest of the history, or without one.
  double at(Duration attained) const;

 private:
  std::vector<Duration> history_;  ///< rising
  std::vector<double> sums_;       ///< sums_[i]: seconds of the first i
  Duration quantum_;
};

}  // namespace plimsoll
