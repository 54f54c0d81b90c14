// Time of a job cluster: what happens next, ends, arrivals and cycles. What decisions do: job_decisions.cpp.
#include "sim/jobs/job_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "core/assert.hpp"
#include "core/error.hpp"
#include "policies/node_share.hpp"

namespace plimsoll {

namespace {

/// Numbers for names, in the order in which they first appear.
template <class Name>
std::vector<std::uint32_t> number(const std::vector<JobSpec>& jobs, Name name) {
  std::map<std::string, std::uint32_t, std::less<>> known;
  std::vector<std::uint32_t> ids;
  ids.reserve(jobs.size());
  for (const JobSpec& job : jobs) {
    ids.push_back(
        known.try_emplace(job.*name, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return ids;
}

void check_estimates(const std::vector<JobSpec>& jobs, EstimateKind kind) {
  constexpr std::size_t kMostFaults = 10;
  std::vector<Fault> faults;
  for (const JobSpec& job : jobs) {
    const bool missing = (kind == EstimateKind::user && !job.user_estimate) ||
                         (kind == EstimateKind::predicted && !job.predicted);
    if (!missing) continue;
    const char* whose = kind == EstimateKind::user ? "user's" : "predicted";
    Fault& fault = faults.emplace_back();
    fault.message =
        fmt::format("job \"{}\" states no {} running time, which the scheduling policy reads.",
                    job.name, whose);
    if (faults.size() == kMostFaults) break;
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
}

std::vector<std::uint32_t> by_submission(const std::vector<JobSpec>& jobs) {
  std::vector<std::uint32_t> order(jobs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return jobs[a].submitted_at < jobs[b].submitted_at;
  });
  return order;
}

}  // namespace

JobCluster::JobCluster(JobClusterSettings settings, std::vector<std::string> nodes,
                       std::shared_ptr<const ClusterFacts> facts, std::vector<JobSpec> jobs,
                       std::unique_ptr<SchedulingPolicy> policy)
    : settings_(std::move(settings)),
      jobs_(std::make_shared<const std::vector<JobSpec>>(std::move(jobs))),
      policy_(std::move(policy)),
      estimates_(policy_->estimates()),
      reports_(policy_->reads_reports()),
      limits_(facts),
      queue_ids_(number(*jobs_, &JobSpec::queue)),
      user_ids_(number(*jobs_, &JobSpec::user)),
      arrivals_(by_submission(*jobs_)),
      view_(std::move(nodes), std::move(facts)),
      nodes_(view_.nodes().rows()) {
  check_estimates(*jobs_, estimates_);
  for (const NodeFacts& node : view_.facts().nodes) {
    if (node.gpu_kind < 0) continue;
    const auto kind = static_cast<std::size_t>(node.gpu_kind);
    if (largest_nodes_.size() <= kind) largest_nodes_.resize(kind + 1);
    largest_nodes_[kind] = std::max(largest_nodes_[kind], node.gpus);
  }
  facts_.jobs.resize(jobs_->size());
  for (std::size_t job = 0; job < jobs_->size(); ++job) {
    facts_.jobs[job].submitted_at = (*jobs_)[job].submitted_at;
  }
}

SimTime JobCluster::next() const {
  SimTime at = std::min(landing_at_, landing_at_ == kNever ? cycle_at_ : kNever);
  if (!ends_.empty()) at = std::min(at, ends_.front().at);
  if (arrived_ < arrivals_.size()) {
    at = std::min(at, std::max(now_, (*jobs_)[arrivals_[arrived_]].submitted_at));
  }
  return at;
}

void JobCluster::advance(SimTime until) {
  for (SimTime at = next(); at <= until && at != kNever; at = next()) {
    now_ = at;
    step();
  }
  if (until != kNever) now_ = std::max(now_, until);
}

void JobCluster::step() {
  end_jobs();
  if (landing_at_ == now_) land();
  submit_jobs();
  if (cycle_at_ < now_) cycle_at_ = on_grid(now_);  // it was due while decisions were under way
  if (cycle_at_ == now_ && landing_at_ == kNever) cycle();
  drop_void_ends();
  sample();
}

SimTime JobCluster::on_grid(SimTime at) const {
  const Duration::rep period = settings_.cycle_period.count();
  if (period <= 1 || at == kNever) return at;
  const Duration::rep ns = to_ns(at);
  return at_ns((ns + period - 1) / period * period);
}

void JobCluster::due(SimTime at) { cycle_at_ = std::min(cycle_at_, on_grid(at)); }

void JobCluster::drop_void_ends() {
  while (!ends_.empty()) {
    const End& end = ends_.front();
    const JobFacts& job = facts_of(end.row);
    if (job.state == JobState::running && job.starts == end.start) return;
    std::pop_heap(ends_.begin(), ends_.end(), std::greater<>{});
    ends_.pop_back();
  }
}

void JobCluster::end_jobs() {
  while (!ends_.empty() && ends_.front().at == now_) {
    const End end = ends_.front();
    std::pop_heap(ends_.begin(), ends_.end(), std::greater<>{});
    ends_.pop_back();
    const JobFacts& job = facts_of(end.row);
    if (job.state == JobState::running && job.starts == end.start) end_job(end.row);
  }
}

void JobCluster::end_job(std::uint32_t row) {
  close_run(row);
  JobFacts& job = facts_of(row);
  job.state = JobState::finished;
  job.ended_at = now_;
  --counts_.running;
  ++counts_.finished;
  view_.jobs().update(row, [&](JobView& seen) {
    // In flight may be a decision that has moved it already, as the view has it.
    for (const NodeShare& share : seen.placement.shares) {
      view_.nodes().update(share.node, [&](NodeRow& node) {
        give_back(node, share);
        node.observed_at = now_;
      });
    }
    seen.attained = seen.attained_until(now_);
    seen.executed = seen.executed_until(now_);
    seen.phase = JobPhase::finished;
    seen.placement.shares.clear();
  });
  policy_->on_outcome({SchedulingOutcome::Kind::ended, row});
  due(now_);
}

void JobCluster::submit_jobs() {
  for (; arrived_ < arrivals_.size(); ++arrived_) {
    const std::uint32_t job = arrivals_[arrived_];
    if ((*jobs_)[job].submitted_at > now_) return;
    submit(job);
  }
}

void JobCluster::submit(std::uint32_t job) {
  const JobSpec& spec = (*jobs_)[job];
  ++counts_.submitted;
  GangVerdict verdict = limits_.judge(spec);
  if (verdict.reason == Reason::none &&
      spec.model->time_to_end({}, closest_shape(spec)) < Duration{}) {
    verdict = {Reason::never_fits, "its running time is negative"};
  }
  if (verdict.reason != Reason::none) {
    ++counts_.rejected;
    facts_.jobs[job].state = JobState::rejected;
    facts_.rejected.push_back({job, verdict.reason, std::move(verdict.why)});
    return;
  }
  ++counts_.pending;
  facts_.jobs[job].state = JobState::pending;
  Row row;
  row.job = job;
  row.pending_since = now_;
  if (reports_) reporting_.push_back(static_cast<std::uint32_t>(rows_.size()));
  rows_.push_back(row);
  use_.pending_gpus += view_.jobs().row(view_.jobs().add(spec.name, view_of(job))).gpus();
  due(now_);
}

void JobCluster::cycle() {
  PLIMSOLL_ASSERT(
      counts_.conserved(), "{} submitted, {} pending, {} running, {} finished, {} rejected",
      counts_.submitted, counts_.pending, counts_.running, counts_.finished, counts_.rejected);
  cycle_at_ = kNever;
  turned_down_.reset();
  ++facts_.cycles;
  if (reports_) renew_reports();
  SchedulingCycle cycle(view_, now_);
  policy_->cycle(cycle);
  landing_ = cycle.take_decisions();
  const bool moves = std::any_of(landing_.begin(), landing_.end(), [](const auto& decision) {
    return decision.kind != SchedulingDecision::Kind::not_now;
  });
  const bool vain = !moves && counts_.running == 0 && arrived_ == arrivals_.size();
  vain_cycles_ = vain ? vain_cycles_ + 1 : 0;
  const SimTime review = policy_->next_review(view_, now_);
  PLIMSOLL_ASSERT(review > now_, "a policy asks for a review at {} ns, at {} ns", to_ns(review),
                  to_ns(now_));
  due(review);
  if (moves && settings_.cycle_latency > Duration{}) {
    landing_at_ = now_ + settings_.cycle_latency;
  } else {
    land();
  }
}

void JobCluster::sample() {
  use_.running = static_cast<std::uint32_t>(counts_.running);
  use_.pending = static_cast<std::uint32_t>(counts_.pending);
  // While decisions are under way, the view has them already.
  if (!fragmentation_.empty() && landing_at_ == kNever) sample_fragmentation();
  if (!facts_.samples.empty()) {
    AllocationSample& last = facts_.samples.back();
    use_.at = last.at;
    if (use_ == last) return;
    if (last.at == now_) {
      last = use_;
      return;
    }
  }
  use_.at = now_;
  facts_.samples.push_back(use_);
}

void JobCluster::sample_fragmentation() {
  double milli = 0;
  double usd_per_hour = 0;
  for (PricedFragmentation& nodes : fragmentation_) {
    nodes.meter.follow(view_);
    milli += nodes.meter.gpu_milli();
    usd_per_hour += nodes.meter.gpu_milli() / kWholeGpu * nodes.usd_per_gpu_hour;
  }
  use_.fragmented_milli = std::llround(milli);
  use_.fragmented_micro_usd_per_hour = std::llround(usd_per_hour * 1e6);
}

}  // namespace plimsoll
