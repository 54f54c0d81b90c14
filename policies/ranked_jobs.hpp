// Running and pending jobs in the order of a rank that changes as they run: an index that a policy keeps for itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/quota_selection.hpp"

namespace plimsoll {

/// Running jobs of one lane keep their order as time goes on: those with a lower place never rank higher.
struct Lane {
  std::int64_t lane = 0;
  std::int64_t place = 0;
};

/// `Rank` is a copyable class with
///   Note note(const JobView&)                 what it needs of a job, kept until the job's row changes
///   std::int64_t rank(const Note&, SimTime)   lower comes first; that of a pending job is the same at all times
/// and may have
///   Lane lane(const Note&)                    of a running job; without, every running job is ranked each time
/// Among equals the running come first, or last; then whoever has been so for longer.
///
/// A selection costs what it changes: pending jobs are looked at while GPUs are left for them, running ones where they
/// come after a pending one.
template <class Rank>
class RankedJobs {
 public:
  RankedJobs(Rank rank, bool running_first)
      : rank_(std::move(rank)), running_first_(running_first) {}

  /// Lets jobs in, in order, while they fit into what is left of the GPUs; before all others the running ones that are
  /// not preemptible. Calls `turned_down(job)`, in order, for whoever has to stop, and once for whoever has to wait,
  /// until it runs again.
  template <class TurnedDown>
  QuotaSelection select(const ClusterView& view, SimTime now, std::int64_t gpus,
                        TurnedDown&& turned_down) {
    follow(view);
    ++selections_;
    std::vector<Head> heads = pending_heads();
    QuotaSelection selection(gpus - held_);
    const std::vector<Place> contested = contested_places(selection, heads, gpus - kept_, now);
    for (const Place& place : contested) selection.reconsider(known_[place.job].contender);
    std::vector<Place> out = let_in(selection, contested, heads);
    tell_waiting([&](const Known& known) { out.push_back(place_of(known, now)); });
    std::sort(out.begin(), out.end());
    for (const Place& place : out) turned_down(place.job);
    return selection;
  }

 private:
  using Note = decltype(std::declval<const Rank&>().note(std::declval<const JobView&>()));
  static constexpr bool kHasLanes =
      requires(const Rank& rank, const Note& note) { rank.lane(note); };

  struct Place {
    std::int64_t rank = std::numeric_limits<std::int64_t>::min();
    bool second = false;  ///< among equals
    std::uint64_t stamp = 0;
    std::uint32_t job = 0;

    friend bool operator<(const Place& a, const Place& b) {
      return std::tie(a.rank, a.second, a.stamp) < std::tie(b.rank, b.second, b.stamp);
    }
  };
  struct Known {
    Contender contender;
    Note note{};
    std::uint64_t stamp = 0;  ///< order of becoming pending or running
    bool active = false;
    std::uint64_t let_in = 0;  ///< the last selection that let it in while it was pending
  };
  /// The pending jobs that ask for so many GPUs, as far as a selection has not passed them.
  struct Head {
    std::int32_t gpus = 0;
    typename std::set<Place>::const_iterator at;
    typename std::set<Place>::const_iterator end;
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
    if (known.active) leave(known);
    const bool running = job.phase == JobPhase::running;
    const bool was_active = std::exchange(known.active, job.phase != JobPhase::finished);
    if (!known.active) return;
    if (!was_active || running != known.contender.running) {
      known.stamp = ++stamps_;
      if (!running) untold_.push_back(job.id);
    }
    known.contender = {job.id, running ? job.held_gpus() : job.gpus(), running, job.preemptible};
    known.note = rank_.note(job);
    enter(known);
  }

  void enter(const Known& known) {
    const Contender& job = known.contender;
    if (!job.running) {
      pending_[job.gpus].insert(place_of(known, SimTime{}));
      return;
    }
    held_ += job.gpus;
    if (job.preemptible) {
      const Lane lane = lane_of(known);
      running_[lane.lane].insert({lane.place, job.job});
    } else {
      kept_ += job.gpus;
    }
  }

  void leave(const Known& known) {
    const Contender& job = known.contender;
    if (!job.running) {
      pending_[job.gpus].erase(place_of(known, SimTime{}));
      return;
    }
    held_ -= job.gpus;
    if (job.preemptible) {
      const Lane lane = lane_of(known);
      running_[lane.lane].erase({lane.place, job.job});
    } else {
      kept_ -= job.gpus;
    }
  }

  Place place_of(const Known& known, SimTime now) const {
    const Contender& job = known.contender;
    return {rank_.rank(known.note, now), job.running != running_first_, known.stamp, job.job};
  }

  Lane lane_of(const Known& known) const {
    if constexpr (kHasLanes) return rank_.lane(known.note);
    return {};
  }

  std::vector<Head> pending_heads() const {
    std::vector<Head> heads;
    for (const auto& [gpus, jobs] : pending_) {
      if (!jobs.empty()) heads.push_back({gpus, jobs.begin(), jobs.end()});
    }
    return heads;
  }

  /// Of the pending jobs that ask for no more GPUs, the one that comes first; nullptr if there is none.
  static Head* first_within(std::vector<Head>& heads, std::int64_t gpus) {
    Head* first = nullptr;
    for (Head& head : heads) {
      if (head.gpus > gpus) break;
      if (head.at != head.end && (first == nullptr || *head.at < *first->at)) first = &head;
    }
    return first;
  }

  void let_in(QuotaSelection& selection, Head& head) {
    Known& known = known_[head.at->job];
    selection.consider(known.contender);
    known.let_in = selections_;
    ++head.at;
  }

  /// The running jobs, in order, that may have to stop. Lets pending ones in, in order, while they fit beside all that
  /// run; who comes after the first that does not is contested. All are, where they hold more than there is.
  std::vector<Place> contested_places(QuotaSelection& selection, std::vector<Head>& heads,
                                      std::int64_t most_gpus, SimTime now) {
    if (selection.left() < 0) return running_from(Place{}, now);
    for (Head* head; (head = first_within(heads, most_gpus)) != nullptr; let_in(selection, *head)) {
      if (head->gpus > selection.left()) return running_from(*head->at, now);
    }
    return {};
  }

  std::vector<Place> running_from(const Place& from, SimTime now) const {
    std::vector<Place> places;
    for (const auto& [lane, jobs] : running_) {
      for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
        const Place place = place_of(known_[job->second], now);
        if (!(place < from)) {
          places.push_back(place);
        } else if (kHasLanes) {
          break;
        }
      }
    }
    std::sort(places.begin(), places.end());
    return places;
  }

  /// Goes through contested and pending jobs in order. Returns the running ones that are not let in.
  std::vector<Place> let_in(QuotaSelection& selection, const std::vector<Place>& contested,
                            std::vector<Head>& heads) {
    std::vector<Place> stopping;
    for (auto running = contested.begin();;) {
      Head* head = first_within(heads, selection.left());
      if (running != contested.end() && (head == nullptr || *running < *head->at)) {
        if (!selection.consider(known_[running->job].contender)) stopping.push_back(*running);
        ++running;
      } else if (head != nullptr) {
        let_in(selection, *head);
      } else {
        return stopping;
      }
    }
  }

  /// Calls `tell(Known)` for pending jobs that were not told yet that they wait, and were not let in now.
  template <class Tell>
  void tell_waiting(Tell&& tell) {
    std::erase_if(untold_, [&](std::uint32_t job) {
      const Known& known = known_[job];
      if (!known.active || known.contender.running) return true;
      if (known.let_in == selections_) return false;
      tell(known);
      return true;
    });
  }

  Rank rank_;
  bool running_first_;
  std::vector<Known> known_;                         ///< by job
  std::map<std::int32_t, std::set<Place>> pending_;  ///< by GPUs asked for
  /// Preemptible running jobs by lane, in it by place.
  std::map<std::int64_t, std::set<std::pair<std::int64_t, std::uint32_t>>> running_;
  std::int64_t held_ = 0;  ///< GPUs of running jobs
  std::int64_t kept_ = 0;  ///< of those that are not preemptible
  std::vector<std::uint32_t>
      untold_;  ///< jobs that became pending and have not been told that they wait
  std::uint64_t stamps_ = 0;
  std::uint64_t selections_ = 0;
  std::uint64_t version_ = 0;
};

/// A cycle of a policy that lets jobs in by rank until the GPUs are given out, and preempts the others.
template <class Rank>
void select_by_rank(SchedulingCycle& cycle, RankedJobs<Rank>& ranked, std::int64_t gpus,
                    OwnedPlacement& rule) {
  const QuotaSelection selection =
      ranked.select(cycle.view(), cycle.now(), gpus,
                    [&](std::uint32_t job) { cycle.not_now(job, {Reason::not_selected}); });
  selection.act(cycle, rule);
}

}  // namespace plimsoll
