// Some of a view's jobs in an order, kept up to date from the jobs that changed: an index that a policy keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// `Key`: a function object, const JobView& -> an optional of an ordered value; without one a job is not among them. A
/// key may change only together with the job's row. Copyable: a copy follows the copied view.
template <class Key>
class JobsInOrder {
 public:
  using Known = decltype(std::declval<const Key&>()(std::declval<const JobView&>()));
  using Order = std::set<std::pair<typename Known::value_type, std::uint32_t>>;

  explicit JobsInOrder(Key key = {}) : key_(std::move(key)) {}

  /// (key, job), the least in front, by submission among equals, as of now.
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
    Known& known = known_[job.id];
    Known now = key_(job);
    if (known == now) return;
    if (known) order_.erase({*known, job.id});
    if (now) order_.insert({*now, job.id});
    known = std::move(now);
  }

  Key key_;
  Order order_;
  std::vector<Known> known_;  ///< by job: its place in `order_`
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
