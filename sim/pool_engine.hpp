// How a pool is advanced from one control tick to the next: by the kernel's serial loop, or window by window, on one
// thread or several. The choice changes the speed and nothing else, so it may follow the wall clock.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "results/run_facts.hpp"
#include "sim/kernel/executor.hpp"
#include "sim/kernel/partition.hpp"
#include "sim/kernel/stopwatch.hpp"
#include "sim/kernel/team.hpp"
#include "sim/pool.hpp"
#include "sim/pool_windows.hpp"

namespace plimsoll {

/// `automatic` picks by the measured worth of a window; the others are for tests and benchmarks. `parallel` is windows
/// on all threads, however small they are.
enum class EngineLevel : std::uint8_t { automatic, serial, window, parallel };

class PoolEngine {
 public:
  PoolEngine(Pool pool, EngineLevel level) : partition_(std::move(pool)), wanted_(level) {}

  Pool& pool() { return partition_.world(); }
  const Pool& pool() const { return partition_.world(); }

  /// Handles everything in [now, tick).
  template <class Executor>
  void advance(SimTime now, SimTime tick, Executor& executor) {
    if (window_worth_s_ <
        0) {  // the first stretch of a run: long enough to tell what a window is worth
      const SimTime probed = std::min(tick, now + probe_length(tick - now));
      run(now, probed, executor);
      now = probed;
    }
    if (now < tick) run(now, tick, executor);
  }

  EngineReport report() const;

 private:
  template <class Executor>
  void run(SimTime now, SimTime tick, Executor& executor) {
    choose(executor.threads());
    const Stopwatch watch;
    const std::uint64_t windows_before = windows_.windows();
    if (level_ == EngineLevel::serial) {
      partition_.run_until(tick);
    } else if (windows_.chunks() == 1) {
      windows_.advance(pool(), now, tick, [&] { windows_.run_chunk(pool(), 0); });
    } else {
      const std::array<std::uint32_t, 1> items{windows_.items()};
      run_team(
          executor, items, [&](std::uint32_t chunk) { windows_.run_chunk(pool(), chunk); },
          [&](auto& team) { windows_.advance(pool(), now, tick, [&] { team.run(0); }); });
    }
    measure(watch.seconds(), tick - now, windows_.windows() - windows_before);
  }

  Duration probe_length(Duration whole) const;
  void choose(unsigned threads);
  void take_over(EngineLevel level);
  void measure(double wall_s, Duration simulated, std::uint64_t windows);

  Partition<Pool> partition_;
  PoolWindows windows_;
  EngineLevel wanted_;
  EngineLevel level_ = EngineLevel::serial;  ///< as running: serial, window or parallel
  double window_worth_s_ = -1;  ///< work in a window, measured in the last stretch; -1: not yet
};

}  // namespace plimsoll
