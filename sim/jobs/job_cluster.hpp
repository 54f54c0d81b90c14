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

#include "policies/fragmentation_meter.hpp"
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
  /// By node: how much longer it takes for a step than a sound one, >= 1. Empty: all are sound.
  std::vector<double> slowdowns{};
};

/// What is free but of no use, of nodes whose GPUs have one price.
struct PricedFragmentation {
  FragmentationMeter meter;
  double usd_per_gpu_hour = 0;
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

  /// From now on samples say what is fragmented.
  void measure(std::vector<PricedFragmentation> fragmentation) {
    fragmentation_ = std::move(fragmentation);
  }

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
  /// The facts of jobs with what is under way counted up to `until`: the current run, the current wait.
  std::vector<JobFacts> jobs_until(SimTime until) const;
  /// Nothing runs or arrives any more, and the policy has often said that nothing pending can start.
  bool stalled() const { return vain_cycles_ >= kMostVainCycles; }
  const std::vector<JobSpec>& jobs() const { return *jobs_; }
  /// Indices into jobs() in the order of submission; the first counts().submitted of them have been submitted.
  const std::vector<std::uint32_t>& order() const { return arrivals_; }
  /// When the last job is submitted; 0 without jobs.
  SimTime last_submission() const {
    return arrivals_.empty() ? SimTime{} : (*jobs_)[arrivals_.back()].submitted_at;
  }
  EstimateKind estimates() const { return estimates_; }
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
  void sample_fragmentation();
  SimTime on_grid(SimTime at) const;
  void due(SimTime at);
  void drop_void_ends();

  void land();
  bool lands_together(std::size_t begin, std::size_t end);
  bool carry_out(SchedulingDecision& decision);
  bool start(std::uint32_t row, Placement& placement);
  bool evict(std::uint32_t row);
  void close_run(std::uint32_t row);
  void account(std::uint32_t row, SimTime until, Duration kept, JobFacts& job) const;
  Duration worked_until(std::uint32_t row, SimTime until) const;
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
  PlacementShape closest_shape(const JobSpec& spec, std::int32_t gpus, std::int32_t kind) const;
  Duration on_closest(std::uint32_t row, const PlacementShape& shape, Duration worked) const;
  void estimate_again(std::uint32_t row, const PlacementShape& shape);

  static constexpr std::int32_t kMostVainCycles = 100;

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
  std::int32_t vain_cycles_ = 0;  ///< in a row, without a decision, with nothing running or to come
  SimTime landing_at_ = kNever;
  SimTime cycle_at_ = kNever;
  SimTime now_{};
  JobCounts counts_;
  AllocationSample use_;
  std::vector<PricedFragmentation> fragmentation_;
  JobRunFacts facts_;
};

}  // namespace plimsoll
