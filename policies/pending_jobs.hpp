// The pending jobs of a view in the order that a policy gives them: an index that it keeps for itself.
#pragma once

#include <optional>
#include <utility>

#include "policies/jobs_in_order.hpp"

namespace plimsoll {

/// The key of a job while it is pending.
template <class Key>
struct WhilePending {
  Key key{};

  using Value = decltype(std::declval<const Key&>()(std::declval<const JobView&>()));
  std::optional<Value> operator()(const JobView& job) const {
    if (job.phase != JobPhase::pending) return std::nullopt;
    return key(job);
  }
};

/// Orders pending jobs by `Key` (a function object: const JobView& -> an ordered value), then by submission.
template <class Key>
using PendingJobs = JobsInOrder<WhilePending<Key>>;

}  // namespace plimsoll
