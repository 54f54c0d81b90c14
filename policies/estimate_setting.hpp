// The setting `estimate` of policies that reckon with running times: whose word they take.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/config/fields.hpp"
#include "policies/job_view.hpp"

namespace plimsoll {

/// `user`, `predicted` or `oracle`.
template <>
struct FieldType<EstimateKind> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   EstimateKind& out);
  static ConfigNode write(EstimateKind value);
};

inline constexpr std::string_view kEstimateDoc =
    "Whose word on running times counts: user, predicted, or oracle (the truth).";

/// What is left of a job's running time. Nothing where it has outrun its estimate; Duration::max() without one.
inline Duration remaining_estimate(const JobView& job, SimTime now) {
  if (!job.estimate) return Duration::max();
  return std::max(Duration{}, *job.estimate - job.executed_until(now));
}

}  // namespace plimsoll
