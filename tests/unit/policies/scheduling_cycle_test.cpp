#include "policies/scheduling_policy.hpp"

#include "tests/catch.hpp"

namespace plimsoll {
namespace {

/// Two nodes of four GPUs and 8000 mCPU each, and jobs of two GPUs and 1000 mCPU.
ClusterView two_nodes(std::uint32_t jobs) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->nodes.assign(2, {8000, Bytes{1 << 20}, 4, 0, {}});
  facts->gpu_kinds = {"some_gpu"};
  ClusterView view({"n0", "n1"}, facts);
  for (std::uint32_t id = 0; id < jobs; ++id) {
    JobView job;
    job.id = id;
    job.gang = {{1, {1000, Bytes{1024}, 2, kWholeGpu, kAnyGpuKind}}};
    view.jobs().add("j" + std::to_string(id), job);
  }
  return view;
}

Placement on(std::uint32_t node, std::uint16_t devices) {
  return {{{node, 1, devices, -1, 0, kWholeGpu, 1000, Bytes{1024}}}, {}};
}

TEST_CASE("a job that starts takes its share of the view at once, and gives it back when evicted",
          "[policies][scheduling]") {
  ClusterView view = two_nodes(2);
  SchedulingCycle cycle(view, at_ns(5));
  REQUIRE(cycle.start(0, on(0, 0b0011)));
  CHECK(view.nodes().row(0).free_gpu_milli[0] == 0);
  CHECK(view.nodes().row(0).free_gpu_milli[2] == 1000);
  CHECK(view.nodes().row(0).free_cpu_milli == 7000);
  CHECK_FALSE(cycle.start(1, on(0, 0b0110)));  // GPU 1 is held
  CHECK_FALSE(cycle.start(0, on(1, 0b0011)));  // it runs already
  CHECK(view.jobs().row(1).phase == JobPhase::pending);
  SchedulingCycle later(view, at_ns(15));
  REQUIRE(later.evict(0));
  CHECK_FALSE(later.evict(0));
  CHECK(view.nodes().row(0) == idle_node(view.facts().nodes[0]));
  CHECK(view.jobs().row(0).attained == Duration{20});
  CHECK(view.jobs().row(0).executed == Duration{10});
  CHECK(cycle.take_decisions().size() == 1);
  CHECK(later.take_decisions().size() == 1);
}

TEST_CASE("a placement of which one share does not fit takes nothing", "[policies][scheduling]") {
  ClusterView view = two_nodes(2);
  SchedulingCycle cycle(view, at_ns(0));
  REQUIRE(cycle.start(0, on(1, 0b1000)));
  Placement both = on(0, 0b1111);
  both.shares.push_back(on(1, 0b1100).shares[0]);
  CHECK_FALSE(cycle.start(1, both));
  CHECK(view.nodes().row(0) == idle_node(view.facts().nodes[0]));
  both.shares[1].devices = 0b0011;
  CHECK(cycle.start(1, both));
}

TEST_CASE("decisions of a group carry its number", "[policies][scheduling]") {
  ClusterView view = two_nodes(3);
  SchedulingCycle cycle(view, at_ns(0));
  cycle.start(0, on(0, 0b0011));
  cycle.begin_group();
  cycle.evict(0);
  cycle.start(1, on(0, 0b0001));
  cycle.end_group();
  cycle.not_now(2, {Reason::head_of_line, 1});
  const auto decisions = cycle.take_decisions();
  REQUIRE(decisions.size() == 4);
  CHECK(decisions[0].group == 0);
  CHECK(decisions[1].group == decisions[2].group);
  CHECK(decisions[1].group != 0);
  CHECK(decisions[3].group == 0);
  CHECK(decisions[3].placement.why_not == NotNow{Reason::head_of_line, 1});
}

}  // namespace
}  // namespace plimsoll
