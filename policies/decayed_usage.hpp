// GPU time per user, where what lies back counts less: half as much for each half-life.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// An index of a view's jobs. Copyable: a copy follows the copied view.
class DecayedUsage {
 public:
  explicit DecayedUsage(Duration half_life) : half_life_(half_life) {}

  /// By user, in GPU seconds, as of now. What was used since the last call counts as if spread evenly over that time.
  const std::vector<double>& of(const ClusterView& view, SimTime now);

 private:
  void note(const JobView& job);
  void add_service(const JobView& job, SimTime now, double weight);

  Duration half_life_;
  std::vector<double> usage_;  ///< by user, as of `as_of_`
  SimTime as_of_{};
  std::vector<Duration> counted_;      ///< by job: GPU time that has been counted
  std::vector<std::uint32_t> active_;  ///< jobs that may have more
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
