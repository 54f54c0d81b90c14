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

/// Times the simulation alone: neither reading its inputs nor freeing its tables.
template <class Executor>
std::uint64_t simulate(benchmark::State& state, const std::string& scenario, Executor& executor,
                       EngineLevel level = EngineLevel::automatic) {
  state.PauseTiming();
  std::uint64_t completed = 0;
  {
    Simulation simulation(plan_of(scenario), level);
    state.ResumeTiming();
    while (simulation.advance(executor)) {
    }
    state.PauseTiming();
    completed = simulation.progress().completed;
  }
  state.ResumeTiming();
  return completed;
}

void fleet(benchmark::State& state, const std::string& scenario) {
  const auto threads = static_cast<unsigned>(state.range(0));
  SerialExecutor alone;
  TbbExecutor team(threads);
  std::uint64_t requests = 0;
  for (auto _ : state) {
    requests += threads == 1 ? simulate(state, scenario, alone) : simulate(state, scenario, team);
  }
  state.counters["requests/s"] =
      benchmark::Counter(static_cast<double>(requests), benchmark::Counter::kIsRate);
}

/// What a window must be worth: the serial loop against windows, on one thread, at 3.2 requests per window and at 500.
void level(benchmark::State& state, const std::string& scenario, EngineLevel level) {
  SerialExecutor executor;
  for (auto _ : state) simulate(state, scenario, executor, level);
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
