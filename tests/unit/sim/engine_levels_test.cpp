// Every engine gives the facts of the global list: any level, any number of threads, macro-steps or not, twice over.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "results/run_file.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/global_list.hpp"
#include "tests/oracle/small_runs.hpp"

using namespace plimsoll;
using oracle::SmallRun;

namespace {

template <class Executor>
RunFacts run_at(const SmallRun& run, EngineLevel level, Executor executor) {
  Simulation simulation(oracle::small_plan(run), level);
  while (simulation.advance(executor)) {
  }
  return simulation.take_facts();
}

void check_all_engines(const SmallRun& run) {
  SmallRun plain = run;
  plain.macro_steps = false;
  const std::string expected = oracle::GlobalList(oracle::small_plan(plain)).run().digest;
  CHECK(oracle::GlobalList(oracle::small_plan(run)).run().digest == expected);
  for (int repeat = 0; repeat < 2; ++repeat) {
    CHECK(run_at(run, EngineLevel::serial, SerialExecutor{}).digest == expected);
    CHECK(run_at(plain, EngineLevel::serial, SerialExecutor{}).digest == expected);
    CHECK(run_at(run, EngineLevel::window, SerialExecutor{}).digest == expected);
    CHECK(run_at(plain, EngineLevel::window, SerialExecutor{}).digest == expected);
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      INFO("threads " << threads);
      CHECK(run_at(run, EngineLevel::automatic, ThreadExecutor(threads)).digest == expected);
      CHECK(run_at(run, EngineLevel::parallel, ThreadExecutor(threads)).digest == expected);
#if !defined(__SANITIZE_THREAD__)  // oneTBB is not built for it
      CHECK(run_at(run, EngineLevel::automatic, TbbExecutor(threads)).digest == expected);
      CHECK(run_at(run, EngineLevel::parallel, TbbExecutor(threads)).digest == expected);
#endif
    }
  }
}

}  // namespace

TEST_CASE("all engines agree with the global list for every routing policy", "[sim][determinism]") {
  for (const std::string& policy : builtin_policies().routing_names()) {
    SmallRun run;
    run.policy = policy;
    INFO("policy " << policy);
    check_all_engines(run);
  }
}

TEST_CASE("all engines agree for sensors of any phase, period and delay", "[sim][determinism]") {
  SmallRun run;
  run.policy = "least_request";
  SECTION("phase groups") { run.phase_groups = 3; }
  SECTION("a delay longer than the period") {
    run.sensor_period = Duration{10'000'000};
    run.sensor_delay = Duration{35'000'000};
    run.phase_groups = 2;
  }
  SECTION("no delay") { run.sensor_delay = Duration{1}; }
  SECTION("fresh sensors") { run.fresh_sensors = true; }
  check_all_engines(run);
}

TEST_CASE("all engines agree under overload, preemption and with several pools",
          "[sim][determinism]") {
  SmallRun run;
  SECTION("overload") { run.mean_gap_ns = 1'000'000; }
  SECTION("short of KV blocks") { run.kv_blocks = 90; }
  SECTION("four pools") {
    run.pools = 4;
    run.requests = 500;
  }
  SECTION("stopped at the horizon") {
    run.drain = false;
    run.horizon = at_ns(3'333'333'333);
  }
  SECTION("a horizon, then drained") { run.horizon = at_ns(3'333'333'333); }
  SECTION("idle gaps") {
    run.mean_gap_ns = 400'000'000;
    run.requests = 60;
  }
  check_all_engines(run);
}

TEST_CASE("all engines agree for engines of every kind", "[sim][determinism]") {
  SmallRun run;
  run.kv_blocks = 200;
  SECTION("a prefix cache") { run.prefixes = true; }
  SECTION("a front end of its own") {
    run.front_end = Duration{3'000'000};
    run.policy = "active_request";
  }
  SECTION("prefill first") { run.scheduler = SchedulerKind::prefill_first; }
  SECTION("attention ranks with prefixes") {
    run.prefixes = true;
    run.ranks = 3;
    run.kv_blocks = 90;
  }
  check_all_engines(run);
}

TEST_CASE("run.h5 has the same bytes from the global list, every level and any number of threads",
          "[sim][determinism]") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("plimsoll-levels-{}", getpid());
  std::filesystem::create_directory(folder);
  const auto bytes_of = [&](const RunFacts& facts) {
    write_run(folder / "run.h5", facts, nullptr);
    std::ifstream file(folder / "run.h5", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  SmallRun run;
  run.pools = 2;
  SmallRun plain = run;
  plain.macro_steps = false;
  const std::string expected = bytes_of(oracle::GlobalList(oracle::small_plan(plain)).run());
  CHECK(expected.size() > 10'000);
  for (const EngineLevel level :
       {EngineLevel::serial, EngineLevel::window, EngineLevel::parallel}) {
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      CHECK((bytes_of(run_at(run, level, ThreadExecutor(threads))) == expected));
    }
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a simulation copied at a tick goes on as the original does", "[sim][determinism]") {
  for (const std::string& policy : builtin_policies().routing_names()) {
    SmallRun run;
    run.policy = policy;
    run.pools = 2;
    const std::string expected = run_at(run, EngineLevel::automatic, SerialExecutor{}).digest;
    SerialExecutor executor;
    Simulation original(oracle::small_plan(run));
    for (int tick = 0; tick < 3; ++tick) REQUIRE(original.advance(executor));
    Simulation copy = original;
    while (original.advance(executor)) {
    }
    while (copy.advance(executor)) {
    }
    CHECK(original.take_facts().digest == expected);
    CHECK(copy.take_facts().digest == expected);
  }
}

TEST_CASE("another seed gives other facts, another pool changes nobody's", "[sim][determinism]") {
  SmallRun run;
  const RunFacts one = run_at(run, EngineLevel::automatic, SerialExecutor{});
  run.pools = 2;
  const RunFacts two = run_at(run, EngineLevel::automatic, SerialExecutor{});
  REQUIRE(one.pools[0].requests.size() == two.pools[0].requests.size());
  bool same = true;
  for (std::size_t i = 0; i < one.pools[0].requests.size(); ++i) {
    same = same && one.pools[0].requests[i].finish_ns == two.pools[0].requests[i].finish_ns;
  }
  CHECK(same);
  run.pools = 1;
  run.seed = 2;
  CHECK(run_at(run, EngineLevel::automatic, SerialExecutor{}).digest != one.digest);
}
