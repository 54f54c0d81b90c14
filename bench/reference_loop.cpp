// Prints how long this machine takes for a fixed load: whole-number arithmetic in registers, and dependent loads from
// 16 KiB, 1 MiB and 64 MiB of memory. CPU seconds, best of five. A figure of a benchmark divided by one of these
// compares machines.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <utility>
#include <vector>

namespace {

constexpr int kRepeats = 5;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  std::uint64_t z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// A random cycle through all places, so that no prefetcher knows the next one (Sattolo's shuffle).
std::vector<std::uint32_t> random_cycle(std::size_t places) {
  std::vector<std::uint32_t> next(places);
  std::iota(next.begin(), next.end(), 0u);
  std::uint64_t state = 1;
  for (std::size_t i = places - 1; i > 0; --i) std::swap(next[i], next[next_random(state) % i]);
  return next;
}

template <class Load>
void print_best(const char* name, double operations, Load&& load) {
  double best = 1e9;
  std::uint64_t result = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double start = cpu_seconds();
    result += load();
    best = std::min(best, cpu_seconds() - start);
  }
  std::printf("%-22s %8.3f ns/operation  %6.3f s  (%llx)\n", name, best / operations * 1e9, best,
              static_cast<unsigned long long>(result));
}

void chase(const char* name, std::size_t bytes) {
  const std::vector<std::uint32_t> next = random_cycle(bytes / sizeof(std::uint32_t));
  constexpr std::uint64_t kLoads = 5'000'000;
  print_best(name, kLoads, [&] {
    std::uint32_t place = 0;
    for (std::uint64_t i = 0; i < kLoads; ++i) place = next[place];
    return std::uint64_t{place};
  });
}

}  // namespace

int main() {
  constexpr std::uint64_t kDraws = 100'000'000;
  print_best("splitmix64", kDraws, [] {
    std::uint64_t state = 1;
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < kDraws; ++i) sum += next_random(state);
    return sum;
  });
  chase("loads from 16 KiB", std::size_t{1} << 14);
  chase("loads from 1 MiB", std::size_t{1} << 20);
  chase("loads from 64 MiB", std::size_t{1} << 26);
}
