#include "sim/simulation.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "results/digest.hpp"

namespace plimsoll {

Simulation::Simulation(RunPlan plan, EngineLevel level)
    : jobs_(std::move(plan.jobs)),
      samples_(plan.pools.size()),
      interval_(plan.observe_interval),
      horizon_(plan.horizon),
      drain_(plan.drain),
      constants_(std::move(plan.constants)) {
  PLIMSOLL_ASSERT(drain_ || horizon_, "a run that does not drain needs a horizon");
  for (PoolPlan& pool : plan.pools) {
    ArrivalCursor arrivals(std::move(pool.arrivals), horizon_.value_or(kNever));
    pools_.emplace_back(Pool(std::move(pool.setup), std::move(pool.policy), std::move(arrivals)),
                        level);
  }
}

bool Simulation::pools_idle() const {
  return std::all_of(pools_.begin(), pools_.end(),
                     [](const PoolEngine& engine) { return engine.pool().idle(); });
}

/// The next one by which something happens to jobs.
SimTime Simulation::tick_of_jobs() const {
  const SimTime at = jobs_->cluster.next();
  if (at == kNever || jobs_->cluster.stalled()) return now_ + interval_;
  const Duration::rep ticks = (to_ns(at) + interval_.count() - 1) / interval_.count();
  return std::max(now_ + interval_, at_ns(ticks * interval_.count()));
}

/// Ticks at which nothing but jobs could change are left out.
SimTime Simulation::next_tick() const {
  const SimTime tick = jobs_ && pools_idle() ? tick_of_jobs() : now_ + interval_;
  return drain_ ? tick : std::min(tick, *horizon_);
}

/// Everything before `tick` has happened.
void Simulation::control(SimTime tick) {
  for (PoolEngine& engine : pools_) engine.pool().collect_facts();
  if (jobs_) jobs_->cluster.advance(tick);
  now_ = tick;
  over_ = finished(tick);
  end_ = over_ && drain_ ? end_of_facts() : tick;
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
    samples_[pool].push_back(pools_[pool].pool().sample(end_));
  }
}

bool Simulation::finished(SimTime tick) const {
  if (!drain_) return tick == *horizon_;
  const bool jobs_done = !jobs_ || jobs_->cluster.next() == kNever || jobs_->cluster.stalled();
  return tick >= horizon_.value_or(SimTime{}) && jobs_done && pools_idle();
}

/// A drained run ends with its last fact, but not before its horizon.
SimTime Simulation::end_of_facts() const {
  SimTime end = horizon_.value_or(SimTime{});
  for (const PoolEngine& engine : pools_) end = std::max(end, engine.pool().last_fact_at());
  if (jobs_ && !jobs_->cluster.facts().samples.empty())
    end = std::max(end, jobs_->cluster.facts().samples.back().at);
  return end;
}

RunProgress Simulation::progress() const {
  RunProgress progress{now_, SimTime{}, 0, 0};
  for (const PoolEngine& engine : pools_) {
    progress.expected_end =
        std::max(progress.expected_end, engine.pool().arrivals().expected_end());
  }
  for (const std::vector<PoolSample>& samples : samples_) {
    if (samples.empty()) continue;
    progress.arrived += samples.back().arrived;
    progress.completed += samples.back().completed;
  }
  if (!jobs_) return progress;
  progress.expected_end = std::max(progress.expected_end, jobs_->cluster.last_submission());
  if (pools_.empty()) {
    progress.arrived = jobs_->cluster.counts().submitted;
    progress.completed = jobs_->cluster.counts().finished;
  }
  return progress;
}

std::string Simulation::take_recording() {
  std::string recording;
  for (PoolEngine& engine : pools_) recording += engine.pool().take_recording();
  return recording;
}

std::vector<EngineReport> Simulation::engine_reports() const {
  std::vector<EngineReport> reports;
  for (const PoolEngine& engine : pools_) reports.push_back(engine.report());
  return reports;
}

RunFacts Simulation::take_facts() {
  PLIMSOLL_ASSERT(over_, "the run is at {} ns and not over", to_ns(now_));
  RunFacts facts = std::move(constants_);
  facts.end_ns = to_ns(end_);
  SimTime last_arrival{};
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
    last_arrival = std::max(last_arrival, pools_[pool].pool().last_arrival_at());
    facts.pools.push_back(pools_[pool].pool().take_facts(end_));
    facts.pools.back().samples = std::move(samples_[pool]);
  }
  if (jobs_) {
    last_arrival = std::max(last_arrival, jobs_->cluster.last_submission());
    facts.jobs = job_tables(jobs_->cluster, jobs_->constants, end_);
  }
  facts.horizon_ns = to_ns(horizon_.value_or(last_arrival));
  facts.digest = digest(facts);
  return facts;
}

}  // namespace plimsoll
