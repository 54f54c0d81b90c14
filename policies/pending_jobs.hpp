// The pending jobs of a view in the order that a policy gives them: an index that it keeps for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// Orders pending jobs by `Key` (a function object: const JobView& -> an ordered value), then by submission. A key may
/// change only together with the job's row. Copyable: a copy follows the copied view.
template <class Key>
class PendingJobs {
 public:
  using Value = decltype(std::declval<const Key&>()(std::declval<const JobView&>()));
  using Order = std::set<std::pair<Value, std::uint32_t>>;

  explicit PendingJobs(Key key = {}) : key_(std::move(key)) {}

  /// (key, job), first to start in front, as of now.
  const Order& of(const ClusterView& view) {
    const ViewTable<JobView>& jobs = view.jobs();
    keys_.resize(jobs.size());
    if (!jobs.changes_since(version_, [&](std::uint32_t job) { update(jobs.row(job)); })) {
      for (const JobView& job : jobs.rows()) update(job);
    }
    version_ = jobs.version();
    return order_;
  }

 private:
  void update(const JobView& job) {
    std::optional<Value>& known = keys_[job.id];
    std::optional<Value> now;
    if (job.phase == JobPhase::pending) now = key_(job);
    if (known == now) return;
    if (known) order_.erase({*known, job.id});
    if (now) order_.insert({*now, job.id});
    known = std::move(now);
  }

  Key key_;
  Order order_;
  std::vector<std::optional<Value>> keys_;  ///< by job: its place in `order_`, while it is pending
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
