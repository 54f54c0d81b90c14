// A policy's field list is the only list of its settings: reading, checking and help come from it.
#include "core/config/yaml.hpp"
#include "policies/policy_config.hpp"
#include "policies/registry.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

/// Sends everything to one row, which is its setting.
class Fixed final : public RoutingPolicy {
 public:
  struct Config {
    std::int32_t row = 0;
    template <class Visit>
    static void fields(Visit&& visit) {
      visit("row", &Config::row, "Row that serves everything.", 0, 7);
    }
  };
  Fixed(Config config, const PolicyContext&) : config_(config) {}
  ViewColumns columns() const override { return ViewColumns::none; }
  Route route(const ClusterView&, const RequestView&) override {
    return {static_cast<std::uint32_t>(config_.row)};
  }
  std::unique_ptr<RoutingPolicy> clone() const override { return std::make_unique<Fixed>(*this); }

 private:
  Config config_;
};

PolicyRegistry with_fixed() {
  PolicyRegistry registry = builtin_policies();
  registry.add_routing(routing_policy_entry<Fixed>("fixed", "One row."));
  return registry;
}

struct Policies {
  PolicyConfig routing;
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("routing", &Policies::routing, "Router.", required);
  }
};

std::string fault_of(const std::string& yaml) {
  try {
    const auto config = read_config<Policies>(parse_yaml(yaml, "s.yaml"));
    with_fixed().routing(config.routing.name)->make({}, config.routing.settings);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a policy is named alone or with its settings", "[policies]") {
  const auto alone = read_config<Policies>(parse_yaml("routing: fixed", "s.yaml"));
  CHECK(alone.routing.name == "fixed");
  const auto set = read_config<Policies>(parse_yaml("routing: {name: fixed, row: 3}", "s.yaml"));
  const auto policy = with_fixed().routing("fixed")->make({}, set.routing.settings);
  CHECK(policy->route(ClusterView({"a", "b", "c", "d"}), {}).replica == 3);
  CHECK(to_yaml(write_config(set)) ==
        to_yaml(parse_yaml("routing:\n  name: fixed\n  row: 3\n", "t.yaml")));
}

TEST_CASE("wrong settings of a policy are faults with their place", "[policies]") {
  CHECK(fault_of("routing: {name: fixed, row: 8}") ==
        "s.yaml:1:29: policies.routing.row = 8 is outside [0, 7] (row that serves everything).");
  CHECK(fault_of("routing: {name: fixed, rwo: 1}").find("Did you mean \"row\"?") !=
        std::string::npos);
  CHECK(fault_of("routing: {name: random, row: 1}").find("unknown key \"row\"") !=
        std::string::npos);
  CHECK(fault_of("routing: {row: 1}").find("routing.name is missing") != std::string::npos);
}

TEST_CASE("a policy lists its settings for people", "[policies]") {
  const PolicyRegistry registry = with_fixed();
  const RoutingPolicyEntry* entry = registry.routing("fixed");
  REQUIRE(entry->settings.size() == 1);
  CHECK(entry->settings[0].name == "row");
  CHECK(registry.routing("random")->settings.empty());
}
