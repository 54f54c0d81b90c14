// What decisions of a scheduler do to a job cluster once they land: checked against the truth, carried out, or counted
// as conflicts; and how jobs get on between them.
#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>

#include "core/assert.hpp"
#include "policies/node_share.hpp"
#include "sim/jobs/job_cluster.hpp"

namespace plimsoll {

namespace {

/// What a gang asks for, or a placement holds, in all.
struct Total {
  std::int64_t workers = 0;
  std::int64_t gpu_milli = 0;
  std::int64_t cpu_milli = 0;
  std::int64_t memory = 0;

  friend bool operator==(const Total&, const Total&) = default;
};

Total total_of(const std::vector<NodeShare>& shares) {
  Total total;
  for (const NodeShare& share : shares) {
    total.workers += share.workers;
    total.gpu_milli += std::int64_t{std::popcount(share.devices)} * share.gpu_milli;
    total.cpu_milli += share.cpu_milli;
    total.memory += share.memory.count();
  }
  return total;
}

void add(Total& total, const ResourceRequest& each, std::int64_t workers) {
  total.workers += workers;
  total.gpu_milli += workers * each.gpus * each.gpu_milli;
  total.cpu_milli += workers * each.cpu_milli;
  total.memory += workers * each.memory.count();
}

std::int32_t gpus_of(std::span<const NodeShare> shares) {
  std::int32_t gpus = 0;
  for (const NodeShare& share : shares) gpus += std::popcount(share.devices);
  return gpus;
}

std::int64_t gpu_milli_of(std::span<const NodeShare> shares) {
  std::int64_t milli = 0;
  for (const NodeShare& share : shares) {
    milli += std::int64_t{std::popcount(share.devices)} * share.gpu_milli;
  }
  return milli;
}

}  // namespace

void JobCluster::land() {
  landing_at_ = kNever;
  const std::uint64_t conflicts = facts_.conflicts;
  for (std::size_t begin = 0, end = 0; begin < landing_.size(); begin = end) {
    const std::uint32_t group = landing_[begin].group;
    end = begin + 1;
    while (group != 0 && end < landing_.size() && landing_[end].group == group) ++end;
    if (group != 0 && !lands_together(begin, end)) {
      for (std::size_t i = begin; i < end; ++i) tell(landing_[i].job, false);
      continue;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (landing_[i].kind == SchedulingDecision::Kind::not_now) {
        note(landing_[i].job, landing_[i].placement.why_not);
      } else {
        tell(landing_[i].job, carry_out(landing_[i]));
      }
    }
  }
  if (facts_.conflicts != conflicts) {
    mend_view();
    due(now_ + Duration{1});
  }
  landing_.clear();
}

/// What became of a decision.
void JobCluster::tell(std::uint32_t row, bool applied) {
  if (!applied) ++facts_.conflicts;
  policy_->on_outcome(
      {applied ? SchedulingOutcome::Kind::applied : SchedulingOutcome::Kind::conflicted, row});
}

void JobCluster::note(std::uint32_t row, NotNow why) {
  const bool names_job = why.reason == Reason::head_of_line || why.reason == Reason::reserved;
  if (names_job) why.blocking = rows_[why.blocking].job;
  facts_of(row).why_not = why;
  if (!turned_down_) turned_down_ = rows_[row].job;
}

NotNow JobCluster::why_pending(std::uint32_t job) const {
  const NotNow& said = facts_.jobs[job].why_not;
  if (said.reason != Reason::none || !turned_down_) return said;
  return {Reason::head_of_line, *turned_down_};
}

/// Whether all of a group can be carried out. Tries it on the truth, and takes it back.
bool JobCluster::lands_together(std::size_t begin, std::size_t end) {
  bool all = true;
  std::vector<std::uint32_t> freed;  // rows whose current runs the group ends
  std::size_t tried = begin;
  for (; tried < end && all; ++tried) {
    const SchedulingDecision& decision = landing_[tried];
    const bool runs = facts_of(decision.job).state == JobState::running &&
                      std::find(freed.begin(), freed.end(), decision.job) == freed.end();
    if (decision.kind == SchedulingDecision::Kind::evict) {
      all = runs;
      if (!runs) break;
      freed.push_back(decision.job);
      for (const NodeShare& share : facts_.placement(facts_.runs[rows_[decision.job].run])) {
        give_back(nodes_[share.node], share);
      }
    } else if (decision.kind == SchedulingDecision::Kind::start) {
      all = !runs && facts_of(decision.job).state != JobState::finished &&
            take_all(decision.placement.shares);
      if (!all) break;
    }
  }
  while (tried-- > begin) {
    const SchedulingDecision& decision = landing_[tried];
    if (decision.kind == SchedulingDecision::Kind::start) {
      for (const NodeShare& share : decision.placement.shares) give_back(nodes_[share.node], share);
    } else if (decision.kind == SchedulingDecision::Kind::evict) {
      for (const NodeShare& share : facts_.placement(facts_.runs[rows_[decision.job].run])) {
        take(nodes_[share.node], share);
      }
    }
  }
  return all;
}

bool JobCluster::carry_out(SchedulingDecision& decision) {
  return decision.kind == SchedulingDecision::Kind::evict ? evict(decision.job)
                                                          : start(decision.job, decision.placement);
}

bool JobCluster::take_all(const std::vector<NodeShare>& shares) {
  for (auto share = shares.begin(); share != shares.end(); ++share) {
    if (can_take(nodes_[share->node], *share)) {
      take(nodes_[share->node], *share);
      continue;
    }
    for (auto taken = shares.begin(); taken != share; ++taken) {
      give_back(nodes_[taken->node], *taken);
    }
    return false;
  }
  return true;
}

bool JobCluster::asked_for(const JobSpec& spec, const Placement& placement) const {
  GpuKinds kinds = 0;
  for (const SubGang& part : spec.gang) kinds |= part.each.gpu_kinds;
  for (const NodeShare& share : placement.shares) {
    const std::int32_t kind = view_.facts().nodes[share.node].gpu_kind;
    if (share.devices != 0 && ((kinds >> kind) & 1) == 0) return false;
  }
  const Total held = total_of(placement.shares);
  Total asked;
  if (spec.min_workers != spec.max_workers) {
    if (held.workers < spec.min_workers || held.workers > spec.max_workers) return false;
    add(asked, spec.gang.front().each, held.workers);
  } else {
    for (const SubGang& part : spec.gang) add(asked, part.each, part.workers);
  }
  return held == asked;
}

bool JobCluster::start(std::uint32_t row, Placement& placement) {
  JobFacts& job = facts_of(row);
  const JobSpec& spec = spec_of(row);
  if (job.state != JobState::pending) return false;
  PLIMSOLL_ASSERT(asked_for(spec, placement), "job \"{}\" is started with what it did not ask for",
                  spec.name);
  if (!take_all(placement.shares)) return false;
  const PlacementShape shape = shape_of(placement.shares);
  Row& truth = rows_[row];
  truth.work = spec.model->time_to_end(truth.progress, shape);
  truth.run = static_cast<std::uint32_t>(facts_.runs.size());
  const Duration pending = now_ - truth.pending_since;
  job.waited += pending;
  if (job.starts++ == 0) job.first_start = now_;
  job.state = JobState::running;
  job.why_not = {};
  facts_.runs.push_back({truth.job, now_, kNever, static_cast<std::uint32_t>(facts_.shares.size()),
                         static_cast<std::uint32_t>(placement.shares.size())});
  facts_.shares.insert(facts_.shares.end(), placement.shares.begin(), placement.shares.end());
  const SimTime end = now_ + setup_of(row) + truth.work + settings_.hold_after_end;
  ends_.push_back({end, row, job.starts});
  std::push_heap(ends_.begin(), ends_.end(), std::greater<>{});
  --counts_.pending;
  ++counts_.running;
  use_.pending_gpus -= view_.jobs().row(row).gpus();
  use_.gpu_milli += gpu_milli_of(placement.shares);
  if (view_.jobs().row(row).started_at != now_) {
    view_.jobs().update(row, [&](JobView& seen) { seen.started_at = now_; });
  }
  estimate_again(row, shape);
  return true;
}

bool JobCluster::evict(std::uint32_t row) {
  JobFacts& job = facts_of(row);
  if (job.state != JobState::running) return false;
  close_run(row);
  ++job.preemptions;
  job.state = JobState::pending;
  rows_[row].carried += spec_of(row).eviction_cost;
  rows_[row].pending_since = now_;
  --counts_.running;
  ++counts_.pending;
  use_.pending_gpus += view_.jobs().row(row).gpus();
  if (estimates_ == EstimateKind::oracle) estimate_again(row, closest_shape(spec_of(row)));
  return true;
}

/// Of the current run.
Duration JobCluster::worked_until(std::uint32_t row, SimTime until) const {
  const Row& truth = rows_[row];
  const Duration ran = until - facts_.runs[truth.run].from;
  return std::min(ran - std::min(ran, setup_of(row)), truth.work);
}

/// Adds the current run to the job's facts; `kept`: the work that is not lost.
void JobCluster::account(std::uint32_t row, SimTime until, Duration kept, JobFacts& job) const {
  const JobRun& run = facts_.runs[rows_[row].run];
  const auto placement = facts_.placement(run);
  const Duration ran = until - run.from;
  const Duration setup = std::min(ran, setup_of(row));
  const Duration worked = worked_until(row, until);
  const std::int32_t gpus = gpus_of(placement);
  job.executed += ran;
  job.closest += ran - setup - worked + on_closest(row, shape_of(placement), worked);
  const auto on_all = [&](Duration time) { return gpus * std::chrono::floor<GpuTime>(time); };
  job.gpu_time += on_all(ran);
  job.setup_gpu_time += on_all(setup);
  job.lost_gpu_time += on_all(worked - kept);
}

/// Ends the current run: its facts, its progress, what it leaves of its costs, and its GPUs.
void JobCluster::close_run(std::uint32_t row) {
  Row& truth = rows_[row];
  const JobSpec& spec = spec_of(row);
  JobRun& run = facts_.runs[truth.run];
  const auto placement = facts_.placement(run);
  for (const NodeShare& share : placement) give_back(nodes_[share.node], share);
  use_.gpu_milli -= gpu_milli_of(placement);
  const Duration worked = worked_until(row, now_);
  Duration kept = worked;
  if (spec.checkpoint_interval && worked < truth.work) kept -= worked % *spec.checkpoint_interval;
  account(row, now_, kept, facts_of(row));
  run.until = now_;
  truth.progress = spec.model->after(truth.progress, shape_of(placement), kept);
  const Duration setup = std::min(now_ - run.from, setup_of(row));
  truth.carried -= std::min(truth.carried, std::max(setup - spec.restart_cost, Duration{}));
}

std::vector<JobFacts> JobCluster::jobs_until(SimTime until) const {
  std::vector<JobFacts> jobs = facts_.jobs;
  for (std::uint32_t row = 0; row < rows_.size(); ++row) {
    JobFacts& job = jobs[rows_[row].job];
    if (job.state == JobState::running) account(row, until, worked_until(row, until), job);
    if (job.state == JobState::pending) job.waited += until - rows_[row].pending_since;
  }
  return jobs;
}

/// After conflicts: what the decisions changed in the view becomes what is so.
void JobCluster::mend_view() {
  const auto mend_node = [&](std::uint32_t node) {
    NodeRow row = nodes_[node];
    row.observed_at = now_;
    view_.nodes().set(node, row);
  };
  for (const SchedulingDecision& decision : landing_) {
    if (decision.kind == SchedulingDecision::Kind::not_now) continue;
    for (const NodeShare& share : decision.placement.shares) mend_node(share.node);
    const JobFacts& job = facts_of(decision.job);
    JobView seen = view_.jobs().row(decision.job);
    seen.starts = job.starts;
    seen.placement = {};
    if (job.state == JobState::running) {
      const JobRun& run = facts_.runs[rows_[decision.job].run];
      const auto placement = facts_.placement(run);
      seen.phase = JobPhase::running;
      seen.started_at = run.from;
      seen.placement.shares.assign(placement.begin(), placement.end());
      for (const NodeShare& share : placement) mend_node(share.node);
    } else if (job.state == JobState::pending) {
      seen.phase = JobPhase::pending;
    }
    seen.executed = job.executed;
    seen.attained = std::min(job.gpu_time, std::chrono::floor<GpuTime>(Duration::max()));
    view_.jobs().set(decision.job, std::move(seen));
  }
}

}  // namespace plimsoll
