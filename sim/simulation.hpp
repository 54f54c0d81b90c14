// A run: pools as partitions, and the control partition that runs alone between them.
//
// Control acts at the ticks of `observe.interval`: it samples every pool, checks the conservation law, collects facts,
// picks the level at which each pool runs until the next tick, and lets the cluster's jobs go on to that tick. A
// simulation is a value: copied at a tick it is a checkpoint, and both copies go on to the same facts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "results/run_facts.hpp"
#include "sim/jobs/plan_jobs.hpp"
#include "sim/pool.hpp"
#include "sim/pool_engine.hpp"

namespace plimsoll {

/// A pool to be run.
struct PoolPlan {
  std::shared_ptr<const PoolSetup> setup;  ///< shared with the pool and its copies
  std::unique_ptr<RoutingPolicy> policy;
  std::unique_ptr<ArrivalStream> arrivals;
};

/// Everything that a run starts from.
struct RunPlan {
  std::vector<PoolPlan> pools;
  std::optional<JobRunPlan> jobs;
  Duration observe_interval{10'000'000'000};
  std::optional<SimTime> horizon;  ///< no arrival after it; without one, the workloads' end
  bool drain = true;               ///< let unfinished requests finish; else stop at the horizon
  RunFacts constants;              ///< what the facts say besides what happened
};

/// How far a run has come.
struct RunProgress {
  SimTime now{};
  SimTime expected_end = kNever;  ///< about when the last request arrives, if that can be told
  std::uint64_t arrived = 0;      ///< requests, or jobs where there are no pools
  std::uint64_t completed = 0;
};

class Simulation {
 public:
  explicit Simulation(RunPlan plan, EngineLevel level = EngineLevel::automatic);

  /// Runs to the next tick of control; false when the run is over. `Executor`: sim/kernel/executor.hpp. The facts do
  /// not depend on it.
  template <class Executor>
  bool advance(Executor& executor) {
    if (over_) return false;
    const SimTime tick = next_tick();
    if (2 * pools_.size() > executor.threads()) {
      advance_pools_in_parallel(tick, executor);
    } else {
      for (PoolEngine& pool : pools_) pool.advance(now_, tick, executor);
    }
    control(tick);
    return !over_;
  }

  RunProgress progress() const;
  /// What the gateways saw and decided since the last call, pool by pool (GatewaySetup::recording).
  std::string take_recording();
  std::vector<EngineReport> engine_reports() const;

  /// The facts of the run, once it is over, with their digest. Leaves the simulation without its tables.
  RunFacts take_facts();

 private:
  template <class Executor>
  void advance_pools_in_parallel(SimTime tick, Executor& executor) {
    const std::array<std::uint32_t, 1> items{static_cast<std::uint32_t>(pools_.size())};
    run_team(
        executor, items,
        [&](std::uint32_t pool) {
          SerialExecutor alone;
          pools_[pool].advance(now_, tick, alone);
        },
        [](auto& team) { team.run(0); });
  }

  SimTime next_tick() const;
  SimTime tick_of_jobs() const;
  bool pools_idle() const;
  void control(SimTime tick);
  bool finished(SimTime tick) const;
  SimTime end_of_facts() const;

  std::vector<PoolEngine> pools_;
  std::optional<JobRunPlan> jobs_;
  std::vector<std::vector<PoolSample>> samples_;  ///< by pool
  Duration interval_;
  std::optional<SimTime> horizon_;
  bool drain_;
  RunFacts constants_;
  SimTime now_{};
  SimTime end_{};
  bool over_ = false;
};

}  // namespace plimsoll
