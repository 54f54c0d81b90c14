// Quantile tables: sampling, and the fit of one to data.
#include "traces/quantile_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "core/distributions.hpp"
#include "tests/catch.hpp"
#include "traces/length_tables.hpp"

using namespace plimsoll;

namespace {

std::vector<Arrival> with_prompts(const std::vector<std::int32_t>& prompts) {
  std::vector<Arrival> all;
  for (const std::int32_t prompt : prompts) all.push_back({at_ns(0), prompt, 1});
  return all;
}

FittedTable fit(const std::vector<std::int32_t>& values) {
  return fit_lengths(with_prompts(values)).prompt_tokens;
}

/// Log-normal lengths, cut to [1, 20,000].
std::vector<std::int32_t> smooth_lengths(std::size_t count) {
  const RandomStream stream(1, "test", "lengths");
  std::vector<std::int32_t> values;
  for (std::uint64_t i = 0; i < count; ++i) {
    values.push_back(std::clamp(
        static_cast<std::int32_t>(std::exp(6 + normal_quantile(stream.uniform(i)))), 1, 20'000));
  }
  return values;
}

}  // namespace

TEST_CASE("a table gives the least value whose share is at least u", "[traces][lengths]") {
  const QuantileTable table({{9, 0}, {10, 0.25}, {14, 0.5}, {20, 0.5}, {30, 1}});
  CHECK(table.at(0.001) == 10);
  CHECK(table.at(0.25) == 10);
  CHECK(table.at(0.2500001) == 11);
  CHECK(table.at(0.3125) == 11);
  CHECK(table.at(0.5) == 14);
  CHECK(table.at(0.5000001) == 21);
  CHECK(table.at(0.999999) == 30);
  CHECK(table.share_at(9) == 0);
  CHECK(table.share_at(12) == 0.375);
  CHECK(table.share_at(17) == 0.5);
  CHECK(table.share_at(40) == 1);
  CHECK(table.mean() == Approx(0.25 * 10 + 0.25 * 12.5 + 0.5 * 25.5));
}

TEST_CASE("sampled values have the shares that the table states", "[traces][lengths]") {
  const QuantileTable table({{0, 0}, {1, 0.5}, {5, 0.6}, {1000, 1}});
  const RandomStream stream(1, "test", "sample");
  constexpr std::uint64_t kDraws = 100'000;
  std::map<std::int32_t, double> counts;
  for (std::uint64_t i = 0; i < kDraws; ++i) ++counts[table.at(stream.uniform(i))];
  CHECK(counts.begin()->first == 1);
  CHECK(counts.rbegin()->first == 1000);
  double below = 0;
  for (const auto& [value, count] : counts) {
    below += count / kDraws;
    const double share = table.share_at(value);
    CHECK(below == Approx(share).margin(5 * std::sqrt(share * (1 - share) / kDraws) + 1e-9));
  }
}

TEST_CASE("data of few different values are fitted without any error", "[traces][lengths]") {
  std::vector<std::int32_t> values;
  for (int i = 0; i < 30; ++i)
    values.insert(values.end(), static_cast<std::size_t>(1 + i * i % 7), 3 + 50 * i);
  const FittedTable fitted = fit(values);
  CHECK(fitted.ks_distance == 0);
  CHECK(fitted.table.mean() == Approx(*fitted.data_mean).epsilon(1e-5));
  const RandomStream stream(1, "test", "few");
  const std::set<std::int32_t> known(values.begin(), values.end());
  for (std::uint64_t i = 0; i < 10'000; ++i)
    CHECK(known.count(fitted.table.at(stream.uniform(i))) == 1);
}

TEST_CASE("a single length is a table of two knots", "[traces][lengths]") {
  const FittedTable fitted = fit({7, 7, 7});
  CHECK(fitted.table.knots() == std::vector<QuantileKnot>{{6, 0}, {7, 1}});
  CHECK(fitted.table.at(0.3) == 7);
}

TEST_CASE("a fit keeps least and greatest value, the mean and the shape", "[traces][lengths]") {
  const auto values = smooth_lengths(20'000);
  const FittedTable fitted = fit(values);
  CHECK(fitted.table.knots().size() <= kMostKnots);
  CHECK(fitted.table.knots().front().value + 1 == *std::min_element(values.begin(), values.end()));
  CHECK(fitted.table.knots().back().value == *std::max_element(values.begin(), values.end()));
  CHECK(*fitted.ks_distance < 0.003);
  CHECK(fitted.table.mean() == Approx(*fitted.data_mean).epsilon(0.005));
}

TEST_CASE("a fit does better than as many knots at even shares", "[traces][lengths]") {
  auto values = smooth_lengths(20'000);
  for (int spike = 0; spike < 10; ++spike) values.insert(values.end(), 700, 150 + spike * 77);
  const FittedTable fitted = fit(values);
  std::sort(values.begin(), values.end());
  const auto share_of = [&](std::int32_t value) {
    const auto above = std::upper_bound(values.begin(), values.end(), value) - values.begin();
    return static_cast<double>(above) / static_cast<double>(values.size());
  };
  std::vector<QuantileKnot> even{{values.front() - 1, 0}};
  for (std::size_t i = 1; i < kMostKnots; ++i) {
    const std::int32_t value = values[i * (values.size() - 1) / (kMostKnots - 1)];
    if (value > even.back().value) even.push_back({value, share_of(value)});
  }
  const QuantileTable plain(even);
  double distance = 0;
  for (const std::int32_t value : values) {
    for (const std::int32_t at : {value - 1, value}) {
      distance = std::max(distance, std::fabs(plain.share_at(at) - share_of(at)));
    }
  }
  CHECK(*fitted.ks_distance < 0.25 * distance);
}
