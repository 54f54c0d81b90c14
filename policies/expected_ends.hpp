// The running jobs of a view by when they are expected to end: an index that a policy keeps for itself.
#pragma once

#include <optional>

#include "policies/estimate_setting.hpp"
#include "policies/jobs_in_order.hpp"

namespace plimsoll {

/// When a job that runs, or would start now, is expected to have run; kNever without an estimate.
inline SimTime expected_end(const JobView& job, SimTime now) {
  const SimTime from = job.phase == JobPhase::running ? job.started_at : now;
  const Duration left = remaining_estimate(job, from);
  return left > kNever - from ? kNever : from + left;
}

/// A job that has outrun its estimate keeps the end that it missed.
struct EndWhileRunning {
  std::optional<SimTime> operator()(const JobView& job) const {
    if (job.phase != JobPhase::running) return std::nullopt;
    return expected_end(job, job.started_at);
  }
};

/// (end, job), earliest first.
using ExpectedEnds = JobsInOrder<EndWhileRunning>;

}  // namespace plimsoll
