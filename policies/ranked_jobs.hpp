// Running and pending jobs in the order of a rank that changes as they run: an index that a policy keeps for itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/quota_selection.hpp"

namespace plimsoll {

/// `Rank` is a copyable class with
///   Note note(const JobView&)             what it needs of a job, kept until the job's row changes
///   std::int64_t rank(const Note&, SimTime)   lower comes first
/// Among equals the running come first, or last; then whoever has been so for longer.
template <class Rank>
class RankedJobs {
 public:
  RankedJobs(Rank rank, bool running_first)
      : rank_(std::move(rank)), running_first_(running_first) {}

  /// Brings jobs and order up to date.
  void follow(const ClusterView& view, SimTime now) {
    follow(view);
    order_again(now);
  }

  /// Calls `visit(Contender)` for each job, in order.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const Place& place : order_) visit(known_[place.job].contender);
  }

  /// As of the last `follow`.
  bool any_running() const {
    return std::any_of(order_.begin(), order_.end(),
                       [&](const Place& place) { return known_[place.job].contender.running; });
  }
  /// How often the job has to be told why it waits: once, until it runs again.
  bool first_word(std::uint32_t job) { return !std::exchange(known_[job].told, true); }

 private:
  using Note = decltype(std::declval<const Rank&>().note(std::declval<const JobView&>()));
  struct Known {
    Contender contender;
    Note note{};
    std::uint64_t stamp = 0;  ///< order of becoming pending or running
    bool active = false;
    bool told = false;
  };
  struct Place {
    std::int64_t rank = 0;
    bool second = false;  ///< among equals
    std::uint64_t stamp = 0;
    std::uint32_t job = 0;

    friend bool operator<(const Place& a, const Place& b) {
      return std::tie(a.rank, a.second, a.stamp) < std::tie(b.rank, b.second, b.stamp);
    }
  };

  void follow(const ClusterView& view) {
    const ViewTable<JobView>& jobs = view.jobs();
    known_.resize(jobs.size());
    if (!jobs.changes_since(version_, [&](std::uint32_t job) { update(jobs.row(job)); })) {
      for (const JobView& job : jobs.rows()) update(job);
    }
    version_ = jobs.version();
  }

  void update(const JobView& job) {
    Known& known = known_[job.id];
    const bool running = job.phase == JobPhase::running;
    const bool was_active = std::exchange(known.active, job.phase != JobPhase::finished);
    if (!known.active) return;
    if (!was_active) order_.push_back({0, false, 0, job.id});
    if (!was_active || running != known.contender.running) {
      known.stamp = ++stamps_;
      known.told = false;
    }
    known.contender = {job.id, running ? job.held_gpus() : job.gpus(), running, job.preemptible};
    known.note = rank_.note(job);
  }

  /// Ranks drift slowly against each other: insertion sort finds nearly everything in place.
  void order_again(SimTime now) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Known& known = known_[order_[i].job];
      if (!known.active) continue;
      const Place place{rank_.rank(known.note, now), known.contender.running != running_first_,
                        known.stamp, order_[i].job};
      std::size_t at = kept++;
      for (; at > 0 && place < order_[at - 1]; --at) order_[at] = order_[at - 1];
      order_[at] = place;
    }
    order_.resize(kept);
  }

  Rank rank_;
  bool running_first_;
  std::vector<Known> known_;  ///< by job
  std::vector<Place> order_;
  std::uint64_t stamps_ = 0;
  std::uint64_t version_ = 0;
};

/// A cycle of a policy that lets jobs in by rank until the GPUs are given out, and preempts the others.
template <class Rank>
void select_by_rank(SchedulingCycle& cycle, RankedJobs<Rank>& ranked, std::int64_t gpus,
                    OwnedPlacement& rule) {
  QuotaSelection selection(gpus);
  ranked.follow(cycle.view(), cycle.now());
  ranked.each([&](const Contender& job) {
    if (job.running && !job.preemptible) selection.keep(job);
  });
  ranked.each([&](const Contender& job) {
    if (job.running && !job.preemptible) return;
    const bool let_in = selection.consider(job);
    if (!let_in && ranked.first_word(job.job)) cycle.not_now(job.job, {Reason::not_selected});
  });
  selection.act(cycle, rule);
}

}  // namespace plimsoll
