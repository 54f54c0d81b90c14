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

/// The digest, and the facts that are no part of it: what replicas met, and what is said of it.
std::string told_by(const RunFacts& facts) {
  std::string text = facts.digest;
  for (const PoolFacts& pool : facts.pools) {
    for (const ReplicaFact& replica : pool.replica_facts)
      text += fmt::format("\n{} {} {} {}", replica.most_step_tokens, replica.most_step_sequences,
                          replica.longest_prompt, replica.longest_context);
    text += "\n" + pool.extrapolations;
  }
  return text;
}

void check_all_engines(const SmallRun& run) {
  SmallRun plain = run;
  plain.macro_steps = false;
  const std::string expected = told_by(oracle::GlobalList(oracle::small_plan(plain)).run());
  CHECK(expected.find("extrapolating: contexts of up to") != std::string::npos);
  CHECK(told_by(oracle::GlobalList(oracle::small_plan(run)).run()) == expected);
  for (int repeat = 0; repeat < 2; ++repeat) {
    CHECK(told_by(run_at(run, EngineLevel::serial, SerialExecutor{})) == expected);
    CHECK(told_by(run_at(plain, EngineLevel::serial, SerialExecutor{})) == expected);
    CHECK(told_by(run_at(run, EngineLevel::window, SerialExecutor{})) == expected);
    CHECK(told_by(run_at(plain, EngineLevel::window, SerialExecutor{})) == expected);
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      INFO("threads " << threads);
      CHECK(told_by(run_at(run, EngineLevel::automatic, ThreadExecutor(threads))) == expected);
      CHECK(told_by(run_at(run, EngineLevel::parallel, ThreadExecutor(threads))) == expected);
#if !defined(__SANITIZE_THREAD__)  // oneTBB is not built for it
      CHECK(told_by(run_at(run, EngineLevel::automatic, TbbExecutor(threads))) == expected);
      CHECK(told_by(run_at(run, EngineLevel::parallel, TbbExecutor(threads))) == expected);
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

TEST_CASE("a run tells the largest that its replicas met, and what of it was not measured",
          "[sim][extrapolation]") {
  SmallRun run;
  run.kv_blocks = 4000;
  const PoolFacts pool = run_at(run, EngineLevel::automatic, SerialExecutor{}).pools.front();
  std::uint64_t longest_prompt = 0;
  std::uint64_t longest_context = 0;
  std::uint64_t served = 0;
  std::uint64_t beyond = 0;
  for (const RequestFact& request : pool.requests) {
    if (request.status == RequestStatus::rejected) continue;
    REQUIRE(request.preemptions == 0);  // who is preempted prefills more than its prompt
    const auto prompt = static_cast<std::uint64_t>(request.prompt_tokens);
    const std::uint64_t context = prompt + static_cast<std::uint64_t>(request.output_tokens) - 1;
    longest_prompt = std::max(longest_prompt, prompt);
    longest_context = std::max(longest_context, context);
    ++served;
    beyond += context > 900 ? 1 : 0;
  }
  ReplicaFact most;
  for (const ReplicaFact& replica : pool.replica_facts) {
    most.longest_prompt = std::max(most.longest_prompt, replica.longest_prompt);
    most.longest_context = std::max(most.longest_context, replica.longest_context);
    CHECK(replica.most_step_sequences == replica.busy_ns.size() - 1);
    CHECK(replica.most_step_tokens <= 512);
    CHECK(replica.most_step_tokens > replica.most_step_sequences);
  }
  CHECK(most.longest_prompt == longest_prompt);
  CHECK(most.longest_context == longest_context);
  const auto says = [&](const std::string& text) {
    INFO(pool.extrapolations);
    CHECK(pool.extrapolations.find(text) != std::string::npos);
  };
  says("extrapolating: steps of up to 512 tokens; measured up to 500 (steps).");
  says(fmt::format(
      "contexts of up to {} tokens; measured up to 900 (contexts); {:.1f} % of the "
      "requests beyond.",
      longest_context, 100.0 * static_cast<double>(beyond) / static_cast<double>(served)));
  says("requests in flight per replica on average; measured at 1000000 (anchor).");
}
