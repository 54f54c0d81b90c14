// Fragmentation of nodes and clusters.
#include "policies/fragmentation.hpp"

#include "policies/fragmentation_meter.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

namespace plimsoll::test {
namespace {

/// Half of the workers ask for a whole GPU, half for 0.6 of one; all for 1000 mCPU.
Fragmentation halves() {
  return Fragmentation(
      typical_workers({{1000, 1, kWholeGpu, kAnyGpuKind, 5}, {1000, 1, 600, kAnyGpuKind, 5}}, 100));
}

TEST_CASE("free GPUs are lost to the workers that cannot use them", "[policies][fragmentation]") {
  const auto lost = [](const std::string& drawing) {
    const ClusterView view = cluster(drawing);
    return halves().gpu_milli(NodeState{view.facts().nodes[0], view.nodes().row(0)});
  };
  CHECK(lost("n0 ....") == 0);
  CHECK(lost("n0 AAAA") == 0);
  CHECK(lost("n0 3...") == 350);  // 0.7 of a GPU, for those who want it whole
  CHECK(lost("n0 6...") == 400);  // 0.4 is of no use to either
  CHECK(lost("n0 3") == 350);     // no whole GPU at all
  CHECK(lost("n0 36") == 750);    // whole: 1.1; 0.6: 0.4
}

TEST_CASE("without CPU all free GPUs of a node are lost", "[policies][fragmentation]") {
  ClusterView view = cluster("n0 ....");
  view.nodes().update(0, [](NodeRow& row) { row.free_cpu_milli = 500; });
  CHECK(halves().gpu_milli(NodeState{view.facts().nodes[0], view.nodes().row(0)}) == 4000);
}

TEST_CASE("typical workers are the most frequent, of all that are counted",
          "[policies][fragmentation]") {
  const auto typical = typical_workers(
      {{1, 0, 0, kAnyGpuKind, 10}, {2, 1, 500, kAnyGpuKind, 80}, {3, 1, 600, kAnyGpuKind, 10}}, 90);
  REQUIRE(typical.size() == 2);
  CHECK(typical[0].cpu_milli == 2);
  CHECK(typical[0].weight == Approx(80.0 / 90));
  CHECK(typical[1].cpu_milli == 1);
}

TEST_CASE("a meter that follows changes reads as one that starts afresh",
          "[policies][fragmentation]") {
  Dice dice(5);
  ClusterView view = random_cluster(dice, 40);
  FragmentationMeter follows(halves());
  const auto any = rule("random_fit");
  for (std::uint32_t id = 0; id < 300; ++id) {
    JobView job;
    job.id = id;
    job.gang = {{1, random_worker(dice)}};
    for (const NodeShare& share : any->place(view, job).shares) {
      view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
    }
    if (id % 7 != 0) continue;
    follows.follow(view);
    FragmentationMeter afresh(halves());
    afresh.follow(view);
    REQUIRE(follows.gpu_milli() == afresh.gpu_milli());
    REQUIRE(follows.free_gpu_milli() == afresh.free_gpu_milli());
    REQUIRE(follows.ratio() <= 1);
  }
  CHECK(follows.gpu_milli() > 0);
}

}  // namespace
}  // namespace plimsoll::test
