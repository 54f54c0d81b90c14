// A body that writes to what another item writes to: the thread sanitizer must report it, or it would report nothing
// of the kernel's own either. Built and run only under that sanitizer.
#include <array>
#include <cstdint>
#include <cstdio>

#include "sim/kernel/executor.hpp"
#include "sim/kernel/team.hpp"

int main() {
  plimsoll::ThreadExecutor executor(2);
  const std::array<std::uint32_t, 1> items{64};
  std::uint64_t shared = 0;
  plimsoll::run_team(
      executor, items, [&](std::uint32_t item) { shared += item; },
      [&](auto& team) {
        for (int phase = 0; phase < 10'000; ++phase) team.run(0);
      });
  std::printf("sum %llu\n", static_cast<unsigned long long>(shared));
}
