// Variates against the moments and the distribution functions that they are named after.
#include "core/distributions.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

constexpr std::uint64_t kDraws = 200'000;

struct Moments {
  double mean = 0;
  double variance = 0;
  double skewness = 0;
};

std::vector<double> draws(const std::function<double(std::uint64_t)>& draw) {
  std::vector<double> values;
  for (std::uint64_t i = 0; i < kDraws; ++i) values.push_back(draw(i));
  return values;
}

Moments moments(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  Moments m;
  for (const double x : values) m.mean += x / count;
  double third = 0;
  for (const double x : values) {
    m.variance += (x - m.mean) * (x - m.mean) / count;
    third += (x - m.mean) * (x - m.mean) * (x - m.mean) / count;
  }
  m.skewness = third / std::pow(m.variance, 1.5);
  return m;
}

/// sqrt(n) times the Kolmogorov-Smirnov distance: above 1.95 once in 1,000 times if the law is right.
double ks_statistic(std::vector<double> values, const std::function<double(double)>& distribution) {
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double share = distribution(values[i]);
    distance = std::max({distance, share - static_cast<double>(i) / count,
                         static_cast<double>(i + 1) / count - share});
  }
  return distance * std::sqrt(count);
}

double normal_share(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("the normal quantile inverts the normal distribution to 15 digits",
          "[core][distributions]") {
  double worst = 0;
  for (double p = 1e-300; p < 0.5; p *= 1.37) {
    const double back = normal_share(normal_quantile(p));
    // In the far tail a relative error e of x is one of x^2 e in p.
    const double x = normal_quantile(p);
    worst = std::max(worst, std::fabs(back / p - 1) / (1 + x * x));
  }
  CHECK(worst < 2e-15);
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
  CHECK(normal_quantile(0.25) == -normal_quantile(0.75));
}

TEST_CASE("normal variates are normal", "[core][distributions]") {
  const RandomStream stream(1, "test", "normal");
  const auto values = draws([&](std::uint64_t i) { return normal_quantile(stream.uniform(i)); });
  const Moments m = moments(values);
  CHECK(m.mean == Approx(0).margin(4 / std::sqrt(kDraws)));
  CHECK(m.variance == Approx(1).margin(4 * std::sqrt(2.0 / kDraws)));
  CHECK(m.skewness == Approx(0).margin(4 * std::sqrt(6.0 / kDraws)));
  CHECK(ks_statistic(values, normal_share) < 1.95);
}

TEST_CASE("gamma variates have the mean, variance and skewness of their shape",
          "[core][distributions]") {
  for (const double shape : {0.1, 0.5, 0.871, 1.0, 2.5, 22.7, 400.0}) {
    const GammaDistribution gamma(shape);
    const RandomStream stream(3, "test", "gamma");
    const Moments m = moments(draws([&](std::uint64_t i) { return gamma(stream, i); }));
    INFO("shape " << shape);
    CHECK(m.mean == Approx(shape).margin(4 * std::sqrt(shape / kDraws)));
    CHECK(m.variance == Approx(shape).margin(4 * shape * std::sqrt((2 + 6 / shape) / kDraws)));
    CHECK(m.skewness == Approx(2 / std::sqrt(shape)).epsilon(0.1).margin(0.03));
  }
}

TEST_CASE("gamma variates follow the distributions that have a closed form",
          "[core][distributions]") {
  const auto values = [](double shape) {
    const RandomStream stream(4, "test", "gamma");
    return draws(
        [&, gamma = GammaDistribution(shape)](std::uint64_t i) { return gamma(stream, i); });
  };
  CHECK(ks_statistic(values(0.5), [](double x) { return std::erf(std::sqrt(x)); }) < 1.95);
  CHECK(ks_statistic(values(1), [](double x) { return -std::expm1(-x); }) < 1.95);
  CHECK(ks_statistic(values(2), [](double x) { return 1 - (1 + x) * std::exp(-x); }) < 1.95);
  CHECK(ks_statistic(values(1.5), [](double x) {
          return std::erf(std::sqrt(x)) - 2 * std::sqrt(x / 3.14159265358979) * std::exp(-x);
        }) < 1.95);
}

TEST_CASE("a variate depends on its index and lane alone, whatever was drawn before",
          "[core][distributions]") {
  const RandomStream stream(5, "test", "gamma");
  const GammaDistribution gamma(0.3);
  const double late = gamma(stream, 1'000'000);
  for (std::uint64_t i = 0; i < 100; ++i) gamma(stream, i);
  CHECK(gamma(stream, 1'000'000) == late);
  CHECK(gamma(stream, 1'000'000, 1) != late);
}

TEST_CASE("the bits of variates are the same on every machine", "[core][distributions]") {
  const RandomStream stream(6, "test", "bits");
  const GammaDistribution bursty(0.871);
  const GammaDistribution calm(22.7);
  std::uint64_t bits = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    for (const double x :
         {bursty(stream, i), calm(stream, i), normal_quantile(stream.uniform(i))}) {
      bits = bits * 31 + std::bit_cast<std::uint64_t>(x);
    }
  }
  CHECK(bits == 0x91d2da14505b62a7u);
}
