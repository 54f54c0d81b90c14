// The routing policies, and what every registered one must hold.
#include <map>

#include "core/random_stream.hpp"
#include "policies/registry.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

ClusterView view_of(const std::vector<ReplicaRow>& rows) {
  std::vector<std::string> names;
  for (std::size_t row = 0; row < rows.size(); ++row) names.push_back("r" + std::to_string(row));
  ClusterView view(names);
  for (std::uint32_t row = 0; row < view.size(); ++row) view.set(row, rows[row]);
  return view;
}

ReplicaRow load(std::uint32_t running, std::uint32_t waiting, std::uint32_t dispatched = 0,
                std::uint32_t in_flight = 0) {
  ReplicaRow row;
  row.running = running;
  row.waiting = waiting;
  row.dispatched_since_scrape = dispatched;
  row.in_flight = in_flight;
  return row;
}

std::unique_ptr<RoutingPolicy> make(const std::string& name, std::uint64_t seed = 7) {
  static const PolicyRegistry registry = builtin_policies();
  return registry.routing(name)->make({seed, "pools/test/gateway"});
}

std::uint32_t route(RoutingPolicy& policy, const ClusterView& view, std::uint64_t request = 0) {
  return policy.route(view, {request, at_ns(0), 100}).replica;
}

ReplicaRow random_row(const RandomStream& draw, std::uint64_t& next) {
  const std::uint64_t at = next;
  next += 4;
  return load(below(6, draw.bits(at)), below(3, draw.bits(at + 1)), below(3, draw.bits(at + 2)),
              below(8, draw.bits(at + 3)));
}

}  // namespace

TEST_CASE("round_robin takes the replicas in turn", "[policies]") {
  const ClusterView view = view_of({{}, {}, {}});
  const auto policy = make("round_robin");
  for (const std::uint32_t expected : {0u, 1u, 2u, 0u, 1u}) CHECK(route(*policy, view) == expected);
}

TEST_CASE("least_request adds own dispatches to what was scraped; ties go to the first name",
          "[policies]") {
  const auto policy = make("least_request");
  CHECK(route(*policy, view_of({load(3, 1), load(2, 1), load(3, 0)})) == 1);
  CHECK(route(*make("least_request"), view_of({load(3, 1), load(2, 1, 5), load(3, 0)})) == 2);
}

TEST_CASE("active_request counts what is in flight, whatever was scraped", "[policies]") {
  CHECK(route(*make("active_request"),
              view_of({load(0, 0, 0, 4), load(9, 9, 9, 3), load(0, 0, 0, 3)})) == 1);
}

TEST_CASE("random draws every replica about equally often", "[policies]") {
  const ClusterView view = view_of(std::vector<ReplicaRow>(5));
  const auto policy = make("random");
  std::map<std::uint32_t, int> counts;
  for (std::uint64_t request = 0; request < 50'000; ++request)
    ++counts[route(*policy, view, request)];
  REQUIRE(counts.size() == 5);
  // Within five standard deviations of a binomial (50,000, 1/5): 89.
  for (const auto& [row, count] : counts) CHECK(std::abs(count - 10'000) < 5 * 89);
}

TEST_CASE("power_of_two never takes the heaviest of all, and spreads over the rest", "[policies]") {
  const ClusterView view = view_of({load(0, 0), load(1, 0), load(2, 0), load(9, 9)});
  const auto policy = make("power_of_two");
  std::map<std::uint32_t, int> counts;
  for (std::uint64_t request = 0; request < 12'000; ++request)
    ++counts[route(*policy, view, request)];
  CHECK(counts[3] == 0);
  CHECK(std::abs(counts[0] - 6000) < 300);  // in 3 of 6 pairs
  CHECK(std::abs(counts[1] - 4000) < 300);  // in 2
  CHECK(std::abs(counts[2] - 2000) < 300);  // in 1
}

TEST_CASE("an index kept up to date by changes picks as one made afresh", "[policies]") {
  for (const std::string name : {"least_request", "active_request"}) {
    const RandomStream draw(3, "tests/policies", name);
    std::uint64_t next = 0;
    ClusterView view = view_of(std::vector<ReplicaRow>(37));
    const auto kept = make(name);
    for (int round = 0; round < 2000; ++round) {
      const std::uint32_t changes = below(80, draw.bits(next++));
      for (std::uint32_t change = 0; change < changes; ++change) {
        view.set(below(37, draw.bits(next++)), random_row(draw, next));
      }
      INFO(name << ", round " << round);
      REQUIRE(route(*kept, view) == route(*make(name), view));
    }
  }
}

TEST_CASE("every routing policy is deterministic, names a row, and has clones that go on alike",
          "[policies]") {
  for (const std::string& name : builtin_policies().routing_names()) {
    const RandomStream draw(11, "tests/policies", name);
    std::uint64_t next = 0;
    ClusterView view = view_of(std::vector<ReplicaRow>(9));
    const auto first = make(name);
    const auto second = make(name);
    std::unique_ptr<RoutingPolicy> clone;
    bool seed_matters = false;
    const auto other_seed = make(name, 8);
    for (std::uint64_t request = 0; request < 500; ++request) {
      view.set(below(9, draw.bits(next++)), random_row(draw, next));
      if (request == 250) clone = first->clone();
      const std::uint32_t row = route(*first, view, request);
      INFO(name << ", request " << request);
      REQUIRE(row < view.size());
      REQUIRE(route(*second, view, request) == row);
      if (clone) REQUIRE(route(*clone, view, request) == row);
      seed_matters = seed_matters || route(*other_seed, view, request) != row;
    }
    CHECK(seed_matters == (name == "random" || name == "power_of_two"));
  }
}

TEST_CASE("every routing policy serves a pool of one replica", "[policies]") {
  for (const std::string& name : builtin_policies().routing_names()) {
    CHECK(route(*make(name), view_of({load(5, 5, 5, 5)})) == 0);
  }
}

TEST_CASE("a view tells which rows changed, until its log has moved on", "[policies]") {
  ClusterView view = view_of(std::vector<ReplicaRow>(3));
  const std::uint64_t version = view.version();
  view.set(2, load(1, 0));
  view.set(0, load(1, 0));
  std::vector<std::uint32_t> changed;
  CHECK(view.changes_since(version, [&](std::uint32_t row) { changed.push_back(row); }));
  CHECK(changed == std::vector<std::uint32_t>{2, 0});
  for (int i = 0; i < 1000; ++i) view.set(1, load(1, 0));
  CHECK_FALSE(view.changes_since(version, [](std::uint32_t) {}));
}
