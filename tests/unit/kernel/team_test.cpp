#include "sim/kernel/team.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include "sim/kernel/executor.hpp"
#include "tests/catch.hpp"

namespace plimsoll {
namespace {

constexpr std::array<std::uint32_t, 3> kRanges{3, 3, 40};

template <class Executor>
void check_every_item_once(Executor executor) {
  std::vector<int> runs(40, 0);  // plain: a phase must make each visible to the next
  run_team(
      executor, kRanges, [&](std::uint32_t item) { ++runs[item]; },
      [&](auto& team) {
        for (int phase = 0; phase < 2'000; ++phase) {
          team.run(0);
          team.run(1);
          team.run(2);
          for (std::uint32_t item = 0; item < 3; ++item) runs[item] += 2;
        }
      });
  for (std::uint32_t item = 0; item < 40; ++item) {
    REQUIRE(runs[item] == (item < 3 ? 6'000 : 2'000));
  }
}

TEST_CASE("a team runs every item of a phase once, and no phase before the one ahead is done",
          "[kernel]") {
  check_every_item_once(SerialExecutor{});
  for (const unsigned threads : {1u, 2u, 5u}) check_every_item_once(ThreadExecutor(threads));
#ifndef __SANITIZE_THREAD__  // oneTBB is not built for it
  for (const unsigned threads : {1u, 2u, 5u}) check_every_item_once(TbbExecutor(threads));
#endif
}

template <class Executor>
void check_first_fault_is_thrown(Executor executor) {
  const std::array<std::uint32_t, 1> items{20};
  int phases = 0;
  const auto run = [&] {
    run_team(
        executor, items,
        [](std::uint32_t item) {
          if (item == 7 || item == 13) throw std::runtime_error("item " + std::to_string(item));
        },
        [&](auto& team) {
          for (;;) {
            team.run(0);
            ++phases;
          }
        });
  };
  CHECK_THROWS_WITH(run(), "item 7");
  CHECK(phases == 0);
}

TEST_CASE("the fault of the first item that has one reaches the caller", "[kernel]") {
  check_first_fault_is_thrown(SerialExecutor{});
  check_first_fault_is_thrown(ThreadExecutor(3));
#ifndef __SANITIZE_THREAD__
  check_first_fault_is_thrown(TbbExecutor(3));
#endif
}

}  // namespace
}  // namespace plimsoll
