// The interfaces of cluster schedulers: cycles over a queue, and the placement of one job.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// A decision of a scheduler about one job. Decisions of one `group` are carried out together or not at all.
struct SchedulingDecision {
  enum class Kind : std::uint8_t { start, evict, not_now };
  Kind kind = Kind::not_now;
  std::uint32_t job = 0;
  std::uint32_t group = 0;  ///< 0: on its own
  Placement placement;      ///< of a start; of a not_now, the reason
};

/// One cycle of a scheduler, as its policy sees it: the view, and decisions, each of which changes the view at once,
/// so that the next one reckons with it. The carrier checks them against reality later and mends the view.
class SchedulingCycle {
 public:
  SchedulingCycle(ClusterView& view, SimTime now) : view_(view), now_(now) {}

  const ClusterView& view() const { return view_; }
  SimTime now() const { return now_; }

  /// Starts a pending job. False, and nothing happens, if the view says that it cannot run there.
  bool start(std::uint32_t job, Placement placement);
  /// Takes a running job off its nodes; it is pending again. False if it does not run.
  bool evict(std::uint32_t job);
  /// Says why a pending job stays so. The last word of a cycle on a job counts.
  void not_now(std::uint32_t job, NotNow why);

  /// Decisions between these calls belong together.
  void begin_group() { group_ = ++groups_; }
  void end_group() { group_ = 0; }

  std::vector<SchedulingDecision> take_decisions() { return std::move(decisions_); }

 private:
  ClusterView& view_;
  SimTime now_;
  std::vector<SchedulingDecision> decisions_;
  std::uint32_t group_ = 0;
  std::uint32_t groups_ = 0;
};

/// What became of a decision: the only other input that a policy has.
struct SchedulingOutcome {
  enum class Kind : std::uint8_t { applied, conflicted, ended };
  Kind kind = Kind::applied;
  std::uint32_t job = 0;
};

/// Decides which jobs run where. Deterministic in (config, seed, instance, views).
class SchedulingPolicy {
 public:
  virtual ~SchedulingPolicy() = default;
  /// The estimates of running time that it reads.
  virtual EstimateKind estimates() const { return EstimateKind::none; }
  /// Whether it reads what jobs report of their speed and progress.
  virtual bool reads_reports() const { return false; }
  /// Decides on what may run now. Called when something has changed since the last cycle, or was due for review.
  virtual void cycle(SchedulingCycle& cycle) = 0;
  /// When a cycle is due though nothing changes by then (a job has run for its slice): kNever if so.
  virtual SimTime next_review(const ClusterView& view, SimTime now) const;
  virtual void on_outcome(const SchedulingOutcome&) {}
  virtual std::unique_ptr<SchedulingPolicy> clone() const = 0;
};

/// Places one job: the simple kind of scheduler. Used as a policy, jobs are taken in order of submission; policies
/// that only choose an order take one of these as their setting `placement`.
class PlacementRule {
 public:
  virtual ~PlacementRule() = default;
  /// Where the job would start now. A rule may keep an index of the view, brought up to date by `changes_since`; it is
  /// always asked about the same view, or copies of it.
  virtual Placement place(const ClusterView& view, const JobView& job) = 0;
  virtual std::unique_ptr<PlacementRule> clone() const = 0;
};

}  // namespace plimsoll
