// Quantiles against sorting, and gap quantiles against the expansion of every gap.
#include "results/quantiles.hpp"

#include <algorithm>
#include <array>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

/// What the definition says, from a sorted list: numpy's "linear".
double by_sorting(std::vector<std::int64_t> values, double share) {
  std::sort(values.begin(), values.end());
  const double at = static_cast<double>(values.size() - 1) * share;
  const auto rank = static_cast<std::size_t>(at);
  const std::int64_t next = values[std::min(rank + 1, values.size() - 1)];
  return static_cast<double>(values[rank]) +
         static_cast<double>(next - values[rank]) * (at - static_cast<double>(rank));
}

std::vector<std::int64_t> expand(const std::vector<ItlRun>& runs) {
  std::vector<std::int64_t> gaps;
  for (const ItlRun& run : runs) {
    for (std::uint32_t j = 0; j < run.count; ++j) {
      gaps.insert(gaps.end(), run.sequences, run.start_ticks + run.slope_ticks * std::int64_t{j});
    }
  }
  return gaps;
}

/// Runs over many orders of magnitude, rising, falling and level.
std::vector<ItlRun> random_runs(std::uint64_t seed) {
  const RandomStream random(seed, "tests/runs", "shape");
  std::vector<ItlRun> runs(1 + below(60, random.bits(0, 9)));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::uint64_t magnitude = 1 + below(50, random.bits(i, 0));
    runs[i].count = below(40, random.bits(i, 1));
    runs[i].sequences = 1 + below(20, random.bits(i, 2));
    runs[i].slope_ticks = static_cast<std::int64_t>(random.bits(i, 3) >> (64 - magnitude));
    runs[i].start_ticks = static_cast<std::int64_t>(random.bits(i, 4) >> (64 - magnitude));
    if (random.bits(i, 5) % 3 == 0) runs[i].slope_ticks = 0;
    if (random.bits(i, 6) % 3 == 0 && runs[i].count > 0) {
      runs[i].start_ticks += runs[i].slope_ticks * std::int64_t{runs[i].count - 1};
      runs[i].slope_ticks = -runs[i].slope_ticks;
    }
  }
  return runs;
}

constexpr std::array kShares = {0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 1.0};

}  // namespace

TEST_CASE("gap quantiles equal those of the expanded gaps", "[results][quantiles]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::vector<ItlRun> runs = random_runs(seed);
    const std::vector<std::int64_t> gaps = expand(runs);
    Distribution distribution;
    distribution.add(std::span(runs));
    REQUIRE(distribution.size() == gaps.size());
    if (gaps.empty()) continue;
    const std::vector<double> quantiles = distribution.quantiles(kShares);
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      REQUIRE(quantiles[i] == by_sorting(gaps, kShares[i]));
    }
  }
}

TEST_CASE("every order statistic equals that of the sorted values", "[results][quantiles]") {
  const RandomStream random(7, "tests/values", "value");
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < 500; ++i) {
    values.push_back(static_cast<std::int64_t>(random.bits(i) >> (2 + random.bits(i, 1) % 62)));
  }
  std::vector<std::uint64_t> ranks(values.size());
  for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i] = i;
  Distribution distribution;
  distribution.add(std::span<const std::int64_t>(values));
  const std::vector<std::int64_t> found = distribution.order_statistics(ranks);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const std::int64_t near = distribution.near_rank(i);
    CHECK(near <= found[i]);
    CHECK(static_cast<double>(found[i] - near) <= 0.001 * static_cast<double>(found[i]));
  }
  std::sort(values.begin(), values.end());
  CHECK(found == values);
}

TEST_CASE("quantiles of several lists are those of their union", "[results][quantiles]") {
  const std::vector<std::int64_t> a = {10, 30, 50};
  const std::vector<std::int64_t> b = {20, 40};
  Distribution distribution;
  distribution.add(std::span(a));
  distribution.add(std::span(b));
  CHECK(distribution.quantiles(std::array{0.0, 0.5, 0.6, 1.0}) ==
        std::vector<double>{10, 30, by_sorting({10, 20, 30, 40, 50}, 0.6), 50});
}

TEST_CASE("no values have no quantile", "[results][quantiles]") {
  CHECK(Distribution().quantiles(kShares).empty());
  CHECK_FALSE(itl_quantile({}, 0.5));
  const std::vector<ItlRun> empty_runs(3);
  CHECK_FALSE(itl_quantile(empty_runs, 0.5));
}

TEST_CASE("gap quantiles are in seconds", "[results][quantiles]") {
  const std::vector<ItlRun> runs = {{65536'000'000, 65536'000'000, 3, 5, 0}};
  CHECK(*itl_quantile(runs, 0.5) == Approx(0.002));
  CHECK(*itl_quantile(runs, 1.0) == Approx(0.003));
}

TEST_CASE("a 95 % interval of independent values covers the truth about that often",
          "[results][quantiles]") {
  int covered = 0;
  constexpr int kTrials = 400;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const RandomStream random(trial, "tests/coverage", "value");
    std::vector<std::int64_t> values;
    for (std::uint64_t i = 0; i < 2000; ++i) {
      values.push_back(1'000'000 + static_cast<std::int64_t>(1e6 * random.uniform(i)));
    }
    Distribution distribution;
    distribution.add(std::span<const std::int64_t>(values));
    const double estimate = distribution.quantiles(std::array{0.9})[0];
    const auto interval = distribution.interval_95(0.9, estimate);
    covered +=
        interval.low && interval.high && *interval.low <= 1'900'000 && *interval.high >= 1'900'000;
  }
  CHECK(covered >= 372);  // 93 %: three standard deviations of chance below the nominal 95 %
}

TEST_CASE("values that come in clusters have wider intervals than independent ones",
          "[results][quantiles]") {
  const RandomStream random(3, "tests/clusters", "value");
  std::vector<std::int64_t> independent;
  std::vector<std::int64_t> clustered;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    independent.push_back(static_cast<std::int64_t>(1e9 * random.uniform(i)));
    clustered.push_back(static_cast<std::int64_t>(1e9 * random.uniform(i / 100)));
  }
  Distribution a;
  Distribution b;
  a.add(std::span<const std::int64_t>(independent));
  b.add(std::span<const std::int64_t>(clustered));
  CHECK(*a.variance_inflation(5e8, 0.5) < 3);
  CHECK(*b.variance_inflation(5e8, 0.5) > 30);
}

TEST_CASE("an interval's end that the data do not reach is absent", "[results][quantiles]") {
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < 100; ++i) values.push_back(i);
  Distribution distribution;
  distribution.add(std::span<const std::int64_t>(values));
  const auto interval = distribution.interval_95(0.99, 98.01);
  CHECK(interval.low);
  CHECK_FALSE(interval.high);
  const std::vector<std::int64_t> few = {1, 2, 3};
  Distribution three;
  three.add(std::span(few));
  CHECK_FALSE(three.interval_95(0.5, 2).low);
}
