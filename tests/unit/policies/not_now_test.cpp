// What a job is told that does not start.
#include "policies/node_rejections.hpp"
#include "policies/not_now_text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

namespace plimsoll::test {
namespace {

NotNow why_not(const ClusterView& view, const JobView& job) {
  const Placement placement = rule("best_fit")->place(view, job);
  CHECK(placement.shares.empty());
  return placement.why_not;
}

TEST_CASE("a gang that finds too few GPUs learns how many nodes lack them, and which comes closest",
          "[policies][placement]") {
  ClusterView view = cluster("n0 AAA. n1 AA.. n2 AAAA n3 ....");
  view.nodes().update(3, [](NodeRow& row) { row.schedulable = false; });
  const NotNow why = why_not(view, gang(1, 3));
  CHECK(why.reason == Reason::no_free_gpus);
  CHECK(why.blocking == 1);
  CHECK(why.rejected == NodesRejected{1, 0, 3, 0, 0});
  CHECK(why.nearest == Shortfall{1, 1000, 0, Bytes{0}});
  CHECK(
      text_of(why, view.nodes().names()) ==
      "1 of its workers find no node with enough free GPUs; nodes turned away: 1 not schedulable, "
      "3 for GPUs; closest is n1, where 1 GPUs would have to free up");
}

TEST_CASE("a rule that names no nodes is told which turn the gang away", "[policies][placement]") {
  const ClusterView view = cluster("n0 AAA. n1 AA.. n2 AAAA");
  const JobView job = gang(1, 3);
  const NotNow said = rule("topology_aware")->place(view, job).why_not;
  CHECK(said.rejected == NodesRejected{});
  const NotNow whole = with_rejections(said, view, job.gang.front());
  CHECK(whole.reason == said.reason);
  CHECK(whole.rejected == NodesRejected{0, 0, 3, 0, 0});
  CHECK(whole.nearest == Shortfall{1, 1000, 0, Bytes{0}});
  const NotNow other{Reason::head_of_line, 3};
  CHECK(with_rejections(other, view, job.gang.front()) == other);
  CHECK(text_of(other, view.nodes().names(), "first") == "job first is before it and does not fit");
}

TEST_CASE("a gang of which some workers find a place is not placed at all",
          "[policies][placement]") {
  const ClusterView view = cluster("n0 .... n1 AA..");
  const NotNow why = why_not(view, gang(4, 2));
  CHECK(why.reason == Reason::no_free_gpus);
  CHECK(why.blocking == 1);  // of four workers, one finds no node
  CHECK(nodes(view, rule("best_fit")->place(view, gang(3, 2))) == "n1 n0:2");
}

TEST_CASE("GPUs without CPU beside them are no use", "[policies][placement]") {
  ClusterView view = cluster("n0 .... n1 ....");
  for (std::uint32_t row = 0; row < 2; ++row) {
    view.nodes().update(row, [](NodeRow& node) { node.free_cpu_milli = 700; });
  }
  const NotNow why = why_not(view, gang(1, 1));
  CHECK(why.reason == Reason::no_free_cpu);
  CHECK(why.rejected.cpu == 2);
  CHECK(why.nearest == Shortfall{0, 0, 300, Bytes{0}});
}

TEST_CASE("what an empty cluster could not hold never fits", "[policies][placement]") {
  const ClusterView view = cluster("n0 .... n1 AAAA");
  CHECK(why_not(view, gang(1, 8)).reason == Reason::never_fits);
  CHECK(why_not(view, gang(3, 4)).reason == Reason::never_fits);
  CHECK(why_not(view, gang(2, 4)).reason == Reason::no_free_gpus);
  CHECK(why_not(view, gang(1, 8)).nearest == Shortfall{});
}

TEST_CASE("a kind of GPU that the cluster lacks is named as the reason", "[policies][placement]") {
  JobView job = gang(1, 1);
  job.gang[0].each.gpu_kinds = GpuKinds{2};
  const NotNow why = why_not(cluster("n0 .... n1 ...."), job);
  CHECK(why.reason == Reason::gpu_kind);
  CHECK(why.rejected.gpu_kind == 2);
}

TEST_CASE("an elastic job takes what there is, from its least to its most",
          "[policies][placement]") {
  JobView job = gang(4, 1);
  job.min_workers = 2;
  job.max_workers = 6;
  const ClusterView view = cluster("n0 AA.. n1 A...");
  CHECK(nodes(view, rule("best_fit")->place(view, job)) == "n0:2 n1:3");
  CHECK(nodes(view, rule("best_fit")->place(cluster("n0 .......A"), job)) == "n0:6");
  CHECK(why_not(cluster("n0 AAA."), job).blocking == 1);
}

TEST_CASE("a required level of topology holds the whole gang or none of it",
          "[policies][placement]") {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  facts->levels = {"rack"};
  for (std::uint32_t row = 0; row < 4; ++row) {
    facts->nodes.push_back(node_with(4));
    facts->nodes.back().domain[0] = row / 2;
  }
  ClusterView view({"n0", "n1", "n2", "n3"}, facts);
  const NodeShare held{0, 1, 0b1111, -1, 0, kWholeGpu, 1000, Bytes{kGiB}};
  view.nodes().update(0, [&](NodeRow& row) { take(row, held); });
  JobView job = gang(2, 4);
  job.required_level = 0;
  CHECK(nodes(view, rule("best_fit")->place(view, job)) == "n2 n3");
  job.gang[0].workers = 3;
  CHECK(rule("best_fit")->place(view, job).why_not.reason == Reason::topology);
  job.required_level = -1;
  job.preferred_level = 0;
  CHECK(nodes(view, rule("best_fit")->place(view, job)) == "n1 n2 n3");
}

}  // namespace
}  // namespace plimsoll::test
