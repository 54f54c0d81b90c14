// The running jobs of a view by when they are expected to end: an index that a policy keeps for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/estimate_setting.hpp"

namespace plimsoll {

/// When a job that runs, or would start now, is expected to have run; kNever without an estimate.
inline SimTime expected_end(const JobView& job, SimTime now) {
  const SimTime from = job.phase == JobPhase::running ? job.started_at : now;
  const Duration left = remaining_estimate(job, from);
  return left > kNever - from ? kNever : from + left;
}

/// Copyable: a copy follows the copied view.
class ExpectedEnds {
 public:
  using Order = std::set<std::pair<SimTime, std::uint32_t>>;

  /// (end, job), earliest first. A job that has outrun its estimate keeps the end that it missed.
  const Order& of(const ClusterView& view) {
    const ViewTable<JobView>& jobs = view.jobs();
    known_.resize(jobs.size());
    if (!jobs.changes_since(version_, [&](std::uint32_t job) { update(jobs.row(job)); })) {
      for (const JobView& job : jobs.rows()) update(job);
    }
    version_ = jobs.version();
    return order_;
  }

 private:
  void update(const JobView& job) {
    std::optional<SimTime>& known = known_[job.id];
    std::optional<SimTime> end;
    if (job.phase == JobPhase::running) end = expected_end(job, job.started_at);
    if (known == end) return;
    if (known) order_.erase({*known, job.id});
    if (end) order_.insert({*end, job.id});
    known = end;
  }

  Order order_;
  std::vector<std::optional<SimTime>> known_;  ///< by job
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
