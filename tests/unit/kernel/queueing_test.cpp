// One station against the closed forms of M/M/c: Erlang's C, and the mean sojourn W = 1/mu + C / (c mu - lambda).
#include "bench/models/queueing.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"

namespace plimsoll {
namespace {

/// The probability that a customer waits, `load` = lambda / (c mu). Cooper, "Introduction to Queueing Theory", 1981.
double erlang_c(std::uint32_t servers, double load) {
  const double offered = load * servers;
  double inverse_b = 1;  // Erlang's B by its recursion
  for (std::uint32_t k = 1; k <= servers; ++k) inverse_b = 1 + inverse_b * k / offered;
  const double b = 1 / inverse_b;
  return b / (1 - load * (1 - b));
}

struct Interval {
  double mean = 0;
  double half_width = 0;
  bool holds(double value) const { return std::fabs(value - mean) <= half_width; }
};

/// 99 % interval over independent replications; 2.708 is Student's quantile 0.995 for 39 degrees of freedom.
constexpr int kReplications = 40;
Interval interval(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / kReplications;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, 2.708 * std::sqrt(squares / (kReplications - 1) / kReplications)};
}

struct Measured {
  Interval sojourn_s;
  Interval waits;  ///< share of customers who find all servers busy
};

Measured measure(std::uint32_t servers, double load) {
  std::vector<double> sojourn_s;
  std::vector<double> waits;
  for (std::uint64_t seed = 0; seed < kReplications; ++seed) {
    QueueingSetup setup;
    setup.servers = servers;
    setup.mean_gap = from_seconds(1.0 / (load * servers));
    setup.customers = 110'000;
    setup.stream = RandomStream(seed, "queue", "customers");
    Partition<QueueingWorld> partition{QueueingWorld(setup)};
    // A tenth goes by before the measurement begins, so that the empty start is forgotten.
    partition.run_until(SimTime{} + setup.mean_gap * 10'000);
    const Station before = partition.world().station();
    partition.run_until(kNever);
    const Station& after = partition.world().station();
    const auto served = static_cast<double>(after.served() - before.served());
    sojourn_s.push_back(to_seconds(after.sojourn() - before.sojourn()) / served);
    waits.push_back(static_cast<double>(after.waited() - before.waited()) /
                    static_cast<double>(setup.customers - before.arrived()));
    REQUIRE(after.served() == setup.customers);
    REQUIRE(partition.events() == 2 * setup.customers);
  }
  return {interval(sojourn_s), interval(waits)};
}

TEST_CASE("mean sojourn and waiting probability agree with M/M/c", "[kernel]") {
  for (const std::uint32_t servers : {1u, 4u, 16u}) {
    for (const double load : {0.5, 0.8, 0.9}) {
      const Measured measured = measure(servers, load);
      const double waits = erlang_c(servers, load);
      const double sojourn_s = 1.0 + waits / (servers * (1 - load));
      INFO("servers " << servers << ", load " << load << ": sojourn " << measured.sojourn_s.mean
                      << " +- " << measured.sojourn_s.half_width << " for " << sojourn_s
                      << " s, waits " << measured.waits.mean << " +- " << measured.waits.half_width
                      << " for " << waits);
      CHECK(measured.sojourn_s.holds(sojourn_s));
      CHECK(measured.waits.holds(waits));
      CHECK(measured.sojourn_s.half_width < 0.06 * sojourn_s);
    }
  }
}

TEST_CASE("one server waits with probability equal to its load", "[kernel]") {
  CHECK(erlang_c(1, 0.7) == Approx(0.7));
  CHECK(erlang_c(2, 0.5) == Approx(1.0 / 3));  // 2 rho^2 / (1 + rho)
}

}  // namespace
}  // namespace plimsoll
