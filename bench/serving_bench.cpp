// Simulation time without output: 512 replicas at 10,000 requests/s for 60 simulated seconds, as one pool and as
// four, on one thread and on two. Wall time; `requests/s` is per wall-second.
//
//   bench_serving --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "hardware/catalog_paths.hpp"
#include "scenario/resolve.hpp"
#include "sim/plan_run.hpp"
#include "traces/trace_formats.hpp"

namespace {

using namespace plimsoll;

RunPlan plan_of(const std::string& scenario) {
  const std::filesystem::path file = std::filesystem::path(PLIMSOLL_BENCH_SCENARIOS) / scenario;
  const PolicyRegistry registry = builtin_policies();
  const ScenarioContext context{{}, registry.routing_names(), builtin_trace_formats().names()};
  return plan_run(load_scenario(file, {}, context), registry,
                  {catalog_roots({}, file.parent_path())});
}

template <class Executor>
std::uint64_t simulate(RunPlan plan, Executor& executor,
                       EngineLevel level = EngineLevel::automatic) {
  Simulation simulation(std::move(plan), level);
  while (simulation.advance(executor)) {
  }
  return simulation.progress().completed;
}

void fleet(benchmark::State& state, const std::string& scenario) {
  const auto threads = static_cast<unsigned>(state.range(0));
  std::uint64_t requests = 0;
  for (auto _ : state) {
    state.PauseTiming();
    RunPlan plan = plan_of(scenario);
    state.ResumeTiming();
    if (threads == 1) {
      SerialExecutor executor;
      requests += simulate(std::move(plan), executor);
    } else {
      TbbExecutor executor(threads);
      requests += simulate(std::move(plan), executor);
    }
  }
  state.counters["requests/s"] =
      benchmark::Counter(static_cast<double>(requests), benchmark::Counter::kIsRate);
}

/// What a window must be worth: the serial loop against windows, on one thread, at 3.2 requests per window and at 500.
void level(benchmark::State& state, const std::string& scenario, EngineLevel level) {
  SerialExecutor executor;
  for (auto _ : state) {
    state.PauseTiming();
    RunPlan plan = plan_of(scenario);
    state.ResumeTiming();
    simulate(std::move(plan), executor, level);
  }
}

BENCHMARK_CAPTURE(level, small_windows_serial, "chat-1m.yaml", EngineLevel::serial)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(level, small_windows, "chat-1m.yaml", EngineLevel::window)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(level, large_windows_serial, "fleet-512.yaml", EngineLevel::serial)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(level, large_windows, "fleet-512.yaml", EngineLevel::window)
    ->Unit(benchmark::kMillisecond);

BENCHMARK_CAPTURE(fleet, one_pool, "fleet-512.yaml")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fleet, four_pools, "fleet-512-in-4-pools.yaml")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
