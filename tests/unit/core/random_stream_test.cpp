// Philox against its authors' vectors; streams against each other.
#include "core/random_stream.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "tests/catch.hpp"

using namespace plimsoll;

// The three lines "philox4x32 10" of tests/kat_vectors in https://github.com/DEShawResearch/random123.
TEST_CASE("Philox gives the known answers of its authors", "[core][random]") {
  using Block = std::array<std::uint64_t, 2>;
  CHECK(philox(0, 0, 0) == Block{0xe169c58d6627e8d5u, 0x9b00dbd8bc57ac4cu});
  const std::uint64_t ones = ~std::uint64_t{0};
  CHECK(philox(ones, ones, ones) == Block{0x41c83b0e408f276du, 0x6d5451fda20bc7c6u});
  CHECK(philox(0x299f31d0a4093822u, 0x85a308d3243f6a88u, 0x0370734413198a2eu) ==
        Block{0x94fdccebd16cfe09u, 0x24126ea15001e420u});
}

TEST_CASE("a stream is named by seed, path and purpose, and by nothing else", "[core][random]") {
  const RandomStream stream(7, "pools/chat", "arrivals");
  CHECK(stream.bits(3) == RandomStream(7, "pools/chat", "arrivals").bits(3));
  std::set<std::uint64_t> firsts{stream.bits(0)};
  firsts.insert(RandomStream(8, "pools/chat", "arrivals").bits(0));
  firsts.insert(RandomStream(7, "pools/code", "arrivals").bits(0));
  firsts.insert(RandomStream(7, "pools/chat", "lengths").bits(0));
  firsts.insert(RandomStream(7, "pools/chata", "rrivals").bits(0));
  firsts.insert(stream.bits(0, 1));
  firsts.insert(stream.bits(1));
  CHECK(firsts.size() == 7);
}

TEST_CASE("uniform draws lie strictly between 0 and 1 and fill the interval evenly",
          "[core][random]") {
  CHECK(unit_interval(0) > 0);
  CHECK(unit_interval(~std::uint64_t{0}) < 1);
  constexpr int kBins = 64;
  constexpr std::uint64_t kDraws = 640'000;
  const RandomStream stream(1, "test", "uniform");
  std::vector<double> bins(kBins, 0);
  for (std::uint64_t i = 0; i < kDraws; ++i)
    ++bins[static_cast<std::size_t>(stream.uniform(i) * kBins)];
  const double expected = static_cast<double>(kDraws) / kBins;
  double chi_squared = 0;
  for (const double count : bins) chi_squared += (count - expected) * (count - expected) / expected;
  // 63 degrees of freedom: mean 63, standard deviation 11.2.
  CHECK(chi_squared > 63 - 4 * 11.2);
  CHECK(chi_squared < 63 + 4 * 11.2);
}

TEST_CASE("draws of neighbouring indices, lanes and seeds do not correlate", "[core][random]") {
  constexpr std::uint64_t kDraws = 200'000;
  const RandomStream stream(1, "test", "a");
  const RandomStream next_seed(2, "test", "a");
  double with_next = 0;
  double with_lane = 0;
  double with_seed = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double u = stream.uniform(i) - 0.5;
    with_next += u * (stream.uniform(i + 1) - 0.5);
    with_lane += u * (stream.uniform(i, 1) - 0.5);
    with_seed += u * (next_seed.uniform(i) - 0.5);
  }
  const double four_sigma = 4 * std::sqrt(static_cast<double>(kDraws)) / 12;
  CHECK(std::fabs(with_next) < four_sigma);
  CHECK(std::fabs(with_lane) < four_sigma);
  CHECK(std::fabs(with_seed) < four_sigma);
}

TEST_CASE("a whole number below a bound is below it, and every one comes up", "[core][random]") {
  CHECK(below(7, 0) == 0);
  CHECK(below(7, ~std::uint64_t{0}) == 6);
  std::vector<int> seen(7, 0);
  const RandomStream stream(1, "test", "below");
  for (std::uint64_t i = 0; i < 7'000; ++i) ++seen[below(7, stream.bits(i))];
  for (const int count : seen) CHECK(count == Approx(1000).margin(120));
}

TEST_CASE("the hash of text is the same on every machine", "[core][random]") {
  CHECK(stable_hash("pools/chat") == 0xcff22f68ca73adc8u);
  CHECK(stable_hash("pools/chat") != stable_hash("pools/chat", 1));
  CHECK(stable_hash("") != stable_hash("", 1));
}
