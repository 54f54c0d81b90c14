// The event engine alone: event sets under the hold model, one queueing station, PHOLD.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <vector>

#include "bench/models/phold.hpp"
#include "bench/models/queueing.hpp"
#include "sim/kernel/executor.hpp"
#include "sim/kernel/heap.hpp"

namespace plimsoll {
namespace {

/// Hold: remove the first of n events, put it back Exp(1 s) later. Jones, "An empirical comparison of priority-queue
/// and event-set implementations", CACM 29(4), 1986.
template <EventSet Set>
void hold(benchmark::State& state) {
  const RandomStream stream(0, "hold", "delays");
  const auto pending = static_cast<std::uint64_t>(state.range(0));
  Set set;
  std::uint64_t draw = 0;
  std::array<std::uint64_t, 2> bits{};
  const auto push = [&](SimTime now) {
    if (draw % 2 == 0) bits = stream.block(draw / 2);
    const SimTime at = now + exponential(from_seconds(1), bits[draw % 2]);
    set.push({.key = order_key(at, EventClass::message, 0, draw++), .target = 0, .kind = 0});
  };
  for (std::uint64_t i = 0; i < pending; ++i) push(SimTime{});
  const auto step = [&] {
    const SimTime now = set.top().key.at();
    set.pop();
    push(now);
  };
  for (std::uint64_t i = 0; i < 4 * pending; ++i) step();
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hold<LadderQueue>)->Arg(10)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->MinTime(0.3);
BENCHMARK(hold<EventHeap>)->Arg(10)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->MinTime(0.3);

/// One first-come-first-served station at load 0.9; a customer is an arrival and a completion.
void queueing(benchmark::State& state) {
  QueueingSetup setup;
  setup.servers = static_cast<std::uint32_t>(state.range(0));
  setup.mean_gap = from_seconds(1.0 / (0.9 * setup.servers));
  setup.customers = 1'000'000;
  for (auto _ : state) {
    Partition<QueueingWorld> partition{QueueingWorld(setup)};
    partition.run_until(kNever);
    benchmark::DoNotOptimize(partition.world().station().sojourn());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(setup.customers));
}
BENCHMARK(queueing)->Arg(1)->Arg(64)->ArgName("servers")->Unit(benchmark::kMillisecond);

/// Simulated seconds that PHOLD warms up for, and that are then measured; one has about 15,000 events.
constexpr std::int64_t kWarmUp = 5;
constexpr std::int64_t kMeasured = 100;

template <class Executor>
void run_phold(benchmark::State& state, Executor executor, std::uint32_t parts) {
  PholdSetup setup;
  setup.remote = static_cast<double>(state.range(0)) / 10.0;
  auto windows = phold(setup, parts);
  SimTime end = from_seconds(kWarmUp) + SimTime{};
  windows.run_until(end, executor);
  const std::uint64_t before = windows.events();
  for (auto _ : state) windows.run_until(end += from_seconds(kMeasured), executor);
  state.SetItemsProcessed(static_cast<std::int64_t>(windows.events() - before));
}

/// One global loop, as classic engines have.
void phold_serial(benchmark::State& state) {
  PholdSetup setup;
  setup.remote = static_cast<double>(state.range(0)) / 10.0;
  auto windows = phold(setup, 1);
  Partition<PholdWorld>& partition = windows.partitions().front();
  SimTime end = from_seconds(kWarmUp) + SimTime{};
  partition.run_until(end);
  const std::uint64_t before = partition.events();
  for (auto _ : state) partition.run_until(end += from_seconds(kMeasured));
  state.SetItemsProcessed(static_cast<std::int64_t>(partition.events() - before));
}
void phold_windows(benchmark::State& state) {
  run_phold(state, SerialExecutor{}, static_cast<std::uint32_t>(state.range(1)));
}
void phold_tbb(benchmark::State& state) {
  run_phold(state, TbbExecutor(2), static_cast<std::uint32_t>(state.range(1)));
}
BENCHMARK(phold_serial)
    ->Arg(1)
    ->Arg(5)
    ->Arg(9)
    ->ArgName("remote/10")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(phold_windows)
    ->ArgsProduct({{1, 5, 9}, {2, 16}})
    ->ArgNames({"remote/10", "parts"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(phold_tbb)
    ->ArgsProduct({{1, 5, 9}, {2, 16}})
    ->ArgNames({"remote/10", "parts"})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace plimsoll
