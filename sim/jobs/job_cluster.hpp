// Jobs on the nodes of a cluster under one scheduling policy: arrivals, cycles, starts, evictions, ends.
//
// Nothing ticks: time goes from one instant at which something happens to the next. At one instant, in this order: jobs
// end and give back what they hold, decisions under way land, jobs arrive, a cycle runs. A cluster is a value: a copy
// (checkpoint, what-if) goes on to the same facts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policies/scheduling_policy.hpp"
#include "sim/jobs/gang_limits.hpp"
#include "sim/jobs/job_facts.hpp"
#include "workloads/job_spec.hpp"

namespace plimsoll {

struct JobClusterSettings {
  /// Cycles fall on multiples of it, each at the first one at which there is something to decide; 0: at once.
  Duration cycle_period{};
  /// Decisions land so much after their cycle; no other cycle begins before.
  Duration cycle_latency{};
  /// A job keeps its GPUs for so long after its work is done, and counts as running: 1 s is how simulators behave that
  /// tick each second and ask whether a job is done before they count the second.
  Duration hold_after_end{};
};

/// A policy that is copied by its clone().
class OwnedSchedulingPolicy {
 public:
  explicit OwnedSchedulingPolicy(std::unique_ptr<SchedulingPolicy> policy)
      : policy_(std::move(policy)) {}
  OwnedSchedulingPolicy(const OwnedSchedulingPolicy& other) : policy_(other.policy_->clone()) {}
  OwnedSchedulingPolicy& operator=(const OwnedSchedulingPolicy& other) {
    policy_ = other.policy_->clone();
    return *this;
  }
  OwnedSchedulingPolicy(OwnedSchedulingPolicy&&) = default;
  OwnedSchedulingPolicy& operator=(OwnedSchedulingPolicy&&) = default;
  ~OwnedSchedulingPolicy() = default;

  SchedulingPolicy* operator->() const { return policy_.get(); }

 private:
  std::unique_ptr<SchedulingPolicy> policy_;
};

class JobCluster {
 public:
  /// `nodes`: names, one per row of `facts->nodes`. Throws ConfigError where the policy reads an estimate that a job
  /// does not have. Jobs that could never run are rejected when they are submitted, and listed.
  JobCluster(JobClusterSettings settings, std::vector<std::string> nodes,
             std::shared_ptr<const ClusterFacts> facts, std::vector<JobSpec> jobs,
             std::unique_ptr<SchedulingPolicy> policy);

  /// When something happens next; kNever: never again, though jobs may be pending.
  SimTime next() const;
  /// Does all that happens up to and including `until`.
  void advance(SimTime until);
  /// Goes on until nothing happens any more.
  void run() { advance(kNever); }

  SimTime now() const { return now_; }
  JobCounts counts() const { return counts_; }
  const JobRunFacts& facts() const { return facts_; }
  JobRunFacts take_facts() { return std::move(facts_); }
  const std::vector<JobSpec>& jobs() const { return *jobs_; }
  /// Why a pending job (an index into jobs()) does not run: what the scheduler last said of it, or else that the first
  /// job that it turned down in its last cycle comes before it.
  NotNow why_pending(std::uint32_t job) const;
  /// What the policy sees.
  const ClusterView& view() const { return view_; }

 private:
  /// A submitted job as it is in truth; rows as in the view's table of jobs.
  struct Row {
    std::uint32_t job = 0;  ///< index into jobs() and facts().jobs
    JobProgress progress;
    Duration carried{};  ///< cost of evictions that no run has worked off yet
    Duration work{};     ///< of the current run: from the end of its setup to the job's end
    SimTime pending_since{};
    std::uint32_t run = 0;  ///< the current run, while it runs: index into facts().runs
  };
  struct End {
    SimTime at;
    std::uint32_t row;
    std::int32_t start;  ///< void unless it is still the job's current one

    friend bool operator>(const End& a, const End& b) {
      return a.at != b.at ? a.at > b.at : a.row > b.row;
    }
  };

  JobFacts& facts_of(std::uint32_t row) { return facts_.jobs[rows_[row].job]; }
  const JobSpec& spec_of(std::uint32_t row) const { return (*jobs_)[rows_[row].job]; }

  void step();
  void end_jobs();
  void end_job(std::uint32_t row);
  void submit_jobs();
  void submit(std::uint32_t job);
  void cycle();
  void sample();
  SimTime on_grid(SimTime at) const;
  void due(SimTime at);
  void drop_void_ends();

  void land();
  bool lands_together(std::size_t begin, std::size_t end);
  bool carry_out(SchedulingDecision& decision);
  bool start(std::uint32_t row, Placement& placement);
  bool evict(std::uint32_t row);
  void close_run(std::uint32_t row);
  void tell(std::uint32_t row, bool applied);
  void note(std::uint32_t row, NotNow why);
  void mend_view();
  bool asked_for(const JobSpec& spec, const Placement& placement) const;
  bool take_all(const std::vector<NodeShare>& shares);
  Duration setup_of(std::uint32_t row) const {
    return spec_of(row).restart_cost + rows_[row].carried;
  }

  JobView view_of(std::uint32_t job) const;
  void renew_reports();
  PlacementShape shape_of(std::span<const NodeShare> shares) const;
  PlacementShape closest_shape(const JobSpec& spec) const;
  void estimate_again(std::uint32_t row, const PlacementShape& shape);

  JobClusterSettings settings_;
  std::shared_ptr<const std::vector<JobSpec>> jobs_;  ///< the same for all copies
  OwnedSchedulingPolicy policy_;
  EstimateKind estimates_;
  bool reports_;
  GangLimits limits_;
  std::vector<std::uint32_t> queue_ids_;  ///< by job
  std::vector<std::uint32_t> user_ids_;
  std::vector<std::int32_t> largest_nodes_;  ///< by kind of GPU: most GPUs on one node
  std::vector<std::uint32_t> arrivals_;      ///< jobs by time of submission
  std::size_t arrived_ = 0;

  ClusterView view_;
  std::vector<NodeRow> nodes_;  ///< in truth
  std::vector<Row> rows_;
  std::vector<std::uint32_t>
      reporting_;          ///< rows of unfinished jobs, where the policy reads reports
  std::vector<End> ends_;  ///< a heap, earliest in front
  std::vector<SchedulingDecision> landing_;
  std::optional<std::uint32_t> turned_down_;  ///< the first job of the last cycle that was
  SimTime landing_at_ = kNever;
  SimTime cycle_at_ = kNever;
  SimTime now_{};
  JobCounts counts_;
  AllocationSample use_;
  JobRunFacts facts_;
};

}  // namespace plimsoll
