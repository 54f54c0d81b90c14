// Each placement rule, on clusters small enough to see what is right.
#include <algorithm>

#include "core/config/yaml.hpp"
#include "policies/kube_scoring.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

namespace plimsoll::test {
namespace {

std::string choice(const std::string& name, const std::string& drawing, const JobView& job,
                   const ConfigNode& settings = ConfigNode::map()) {
  const ClusterView view = cluster(drawing);
  return nodes(view, rule(name, settings)->place(view, job));
}

ConfigNode all_nodes(std::int32_t gpu_weight) {
  ConfigNode resources = ConfigNode::map();
  resources.add("gpu", ConfigNode::scalar(std::to_string(gpu_weight)));
  ConfigNode settings = ConfigNode::map();
  settings.add("resources", std::move(resources));
  return settings;
}

TEST_CASE("best_fit takes the node on which least is left over", "[policies][placement]") {
  const std::string drawing = R"(
      n0  ........
      n1  AAAA....
      n2  BBBBBB..
  )";
  CHECK(choice("best_fit", drawing, gang(1, 2)) == "n2");
  CHECK(choice("best_fit", drawing, gang(1, 4)) == "n1");
  CHECK(choice("best_fit", drawing, gang(1, 8)) == "n0");
  CHECK(choice("best_fit", drawing, gang(1, 1, 500)) == "n2");
  CHECK(choice("best_fit", drawing, gang(3, 2)) == "n2 n1:2");
}

TEST_CASE("dot_prod keeps away from where much of what is asked for is free",
          "[policies][placement]") {
  CHECK(choice("dot_prod", "n0 ........ n1 AA......", gang(1, 4)) == "n1");
  CHECK(choice("dot_prod", "n0 ........ n1 ........", gang(1, 4)) == "n0");
}

TEST_CASE("gpu_clustering joins workers of the same size, then idle nodes, then strangers",
          "[policies][placement]") {
  const std::string drawing = R"(
      n0  AA......
      n1  ........
      n2  A.......
      n3  ABB.....
  )";
  CHECK(choice("gpu_clustering", drawing, gang(1, 1)) == "n2");
  CHECK(choice("gpu_clustering", drawing, gang(1, 2)) == "n0");
  CHECK(choice("gpu_clustering", drawing, gang(1, 4)) == "n1");
  CHECK(choice("gpu_clustering", "n0 AABBBB.. n1 ABBCCCC.", gang(1, 1)) == "n1");
}

TEST_CASE("gpu_packing takes GPUs in use before idle ones, and nodes in use before idle ones",
          "[policies][placement]") {
  const std::string drawing = R"(
      n0  ....
      n1  A...
      n2  3...
      n3  6...
  )";
  CHECK(choice("gpu_packing", drawing, gang(1, 1, 400)) == "n3");
  CHECK(choice("gpu_packing", drawing, gang(1, 1, 700)) == "n2");
  CHECK(choice("gpu_packing", drawing, gang(1, 1)) == "n1");
  CHECK(choice("gpu_packing", drawing, gang(1, 4)) == "n0");
}

TEST_CASE("fgd keeps whole GPUs for workers that ask for whole ones", "[policies][placement]") {
  ClusterView view = cluster("n0 .... n1 5...");
  for (const std::int32_t milli : {kWholeGpu, kWholeGpu, 500}) {
    view.jobs().add("job", gang(1, 1, milli));
  }
  const Placement half = rule("fgd")->place(view, gang(1, 1, 500));
  CHECK(nodes(view, half) == "n1");
  CHECK(half.shares.front().devices == 1);
  ClusterView one = cluster("n0 ..5.");
  for (const std::int32_t milli : {kWholeGpu, 500}) one.jobs().add("job", gang(1, 1, milli));
  CHECK(rule("fgd")->place(one, gang(1, 1, 500)).shares.front().devices == 0b100);
  CHECK(rule("fgd")->place(one, gang(1, 1)).shares.front().devices == 0b001);
}

TEST_CASE("random_fit chooses every node that fits, and none that does not",
          "[policies][placement]") {
  const ClusterView view = cluster("n0 .. n1 AA n2 .. n3 A.");
  std::map<std::string, int> chosen;
  const auto any = rule("random_fit");
  for (std::uint32_t id = 0; id < 3000; ++id) {
    JobView job = gang(1, 1);
    job.id = id;
    ++chosen[nodes(view, any->place(view, job))];
  }
  CHECK(chosen.size() == 3);
  for (const auto& [node, times] : chosen) CHECK(times == Approx(1000).epsilon(0.1));
  CHECK(chosen.count("n1") == 0);
}

TEST_CASE("least_allocated spreads and most_allocated packs", "[policies][placement]") {
  const std::string drawing = "n0 AA...... n1 ........ n2 ABCD....";
  CHECK(choice("least_allocated", drawing, gang(1, 1)) == "n1");
  CHECK(choice("most_allocated", drawing, gang(1, 1)) == "n2");
  CHECK(choice("least_allocated", drawing, gang(3, 1), all_nodes(1)) == "n1:2 n0");
}

TEST_CASE("balanced_allocation evens out CPU and memory", "[policies][placement]") {
  ClusterView view = cluster("n0 ........ n1 ........");
  view.nodes().update(0, [](NodeRow& row) { row.free_cpu_milli -= 32000; });
  JobView memory_heavy = gang(1, 0);
  memory_heavy.gang[0].each = {0, Bytes{256 * kGiB}, 0};
  CHECK(nodes(view, rule("balanced_allocation")->place(view, memory_heavy)) == "n0");
  JobView cpu_heavy = gang(1, 0);
  cpu_heavy.gang[0].each = {16000, Bytes{0}, 0};
  CHECK(nodes(view, rule("balanced_allocation")->place(view, cpu_heavy)) == "n1");
}

TEST_CASE("requested_to_capacity_ratio follows its shape", "[policies][placement]") {
  const std::string drawing = "n0 ........ n1 ABCDEF..";
  CHECK(choice("requested_to_capacity_ratio", drawing, gang(1, 1), all_nodes(3)) == "n1");
  ConfigNode settings = all_nodes(3);
  ConfigNode shape = ConfigNode::sequence();
  for (const auto& [utilization, score] : {std::pair{0, 10}, {100, 0}}) {
    ConfigNode point = ConfigNode::map();
    point.add("utilization", ConfigNode::scalar(std::to_string(utilization)));
    point.add("score", ConfigNode::scalar(std::to_string(score)));
    shape.items.push_back(std::move(point));
  }
  settings.add("shape", shape);
  CHECK(choice("requested_to_capacity_ratio", drawing, gang(1, 1), settings) == "n0");
  std::swap(shape.items[0], shape.items[1]);
  ConfigNode falling = ConfigNode::map();
  falling.add("shape", shape);
  CHECK_THROWS_AS(rule("requested_to_capacity_ratio", falling), ConfigError);
}

/// One worker on a node of 1000 milli-CPU and 1000 MiB, 4 GPUs; in use: `cpu` milli, `memory` MiB.
std::int32_t kube_score(std::string_view name, std::int64_t cpu, std::int64_t memory,
                        const ScoreSettings& settings = {}) {
  NodeFacts facts = node_with(4);
  facts.cpu_milli = 1000;
  facts.memory = Bytes{1000 << 20};
  NodeRow row = idle_node(facts);
  row.free_cpu_milli -= cpu;
  row.free_memory -= Bytes{memory << 20};
  row.free_gpu_milli[0] = 0;
  ResourceRequest worker;
  worker.cpu_milli = 200;
  worker.memory = Bytes{100 << 20};
  worker.gpus = 1;
  const auto score = std::ranges::find(kube_scores(), name, &KubeScore::name);
  REQUIRE(score != kube_scores().end());
  return score->of({facts, row}, worker, settings);
}

TEST_CASE("each score of kube-scheduler is what its formula gives by hand",
          "[policies][placement]") {
  // In use with the worker: 600 of 1000 milli-CPU, 200 of 1000 MiB, 2 of 4 GPUs.
  CHECK(kube_score("least_allocated", 400, 100) == (40 + 80) / 2);
  CHECK(kube_score("most_allocated", 400, 100) == (60 + 20) / 2);
  CHECK(kube_score("balanced_allocation", 400, 100) == 80);  // deviation of 0.6 and 0.2
  CHECK(kube_score("requested_to_capacity_ratio", 400, 100) == (60 + 20) / 2);
  ScoreSettings gpus;
  gpus.resources = {1, 1, 3};
  CHECK(kube_score("least_allocated", 400, 100, gpus) == (40 + 80 + 3 * 50) / 5);
  CHECK(kube_score("most_allocated", 400, 100, gpus) == (60 + 20 + 3 * 50) / 5);
  CHECK(kube_score("balanced_allocation", 400, 100, gpus) == 83);  // of 0.6, 0.2, 0.5: 0.17
  // More than there is: the resource scores nothing.
  CHECK(kube_score("least_allocated", 900, 100) == 80 / 2);
}

TEST_CASE("kube_scheduler takes the node with the highest weighted sum", "[policies][placement]") {
  // With the worker of 8000 milli-CPU and 64 GiB, of 64,000 and 512 GiB each, least_allocated gives n0 (25 % and 87.5 %
  // free) 56 and n1 (43 % of both) 43; balanced_allocation gives 68 and 100. The sums are 124 and 143; with weights 9
  // and 1 they are 572 and 487.
  ClusterView view = cluster("n0 ........ n1 ........");
  view.nodes().update(0, [](NodeRow& row) { row.free_cpu_milli = 24000; });
  view.nodes().update(1, [](NodeRow& row) {
    row.free_cpu_milli = 36000;
    row.free_memory = Bytes{288 * kGiB};
  });
  JobView job = gang(1, 0);
  job.gang[0].each = {8000, Bytes{64 * kGiB}, 0};
  const auto chosen = [&](const char* settings) {
    return nodes(view, rule("kube_scheduler", parse_yaml(settings, "test"))->place(view, job));
  };
  CHECK(chosen("{}") == "n1");
  CHECK(chosen("scores: [{name: least_allocated}]") == "n0");
  CHECK(chosen("scores: [{name: balanced_allocation}]") == "n1");
  CHECK(chosen("scores: [{name: least_allocated, weight: 9}, {name: balanced_allocation}]") ==
        "n0");
  CHECK(chosen("scores: [{name: most_allocated, resources: {cpu: 1, memory: 0}}]") == "n0");
  CHECK_THROWS_AS(rule("kube_scheduler", parse_yaml("scores: [{name: most}]", "test")),
                  ConfigError);
  CHECK_THROWS_AS(rule("kube_scheduler",
                       parse_yaml("scores: [{name: requested_to_capacity_ratio, shape: []}]", "t")),
                  ConfigError);
}

TEST_CASE("kube_scheduler with one score of any weight is the rule of that score",
          "[policies][placement]") {
  for (const KubeScore& score : kube_scores()) {
    for (const int weight : {1, 7}) {
      Dice dice(static_cast<std::uint64_t>(weight));
      ClusterView view = random_cluster(dice, 150);
      const std::string settings = "scores: [{name: " + std::string(score.name) +
                                   ", weight: " + std::to_string(weight) + "}]";
      const auto sum = rule("kube_scheduler", parse_yaml(settings, "test"));
      const auto single = rule(std::string(score.name));
      std::size_t placed = 0;
      for (int step = 0; step < 300; ++step) {
        JobView job;
        job.gang.push_back({1 + dice.upto(1), random_worker(dice)});
        const Placement placement = single->place(view, job);
        REQUIRE(sum->place(view, job) == placement);
        placed += placement.placed();
        for (const NodeShare& share : placement.shares) {
          view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
        }
      }
      CHECK(placed > 50);
    }
  }
}

TEST_CASE("kube-scheduler looks for as many nodes as its documentation says",
          "[policies][placement]") {
  CHECK(nodes_to_find(99, 0) == 99);
  CHECK(nodes_to_find(100, 0) == 100);
  CHECK(nodes_to_find(1000, 0) == 420);  // 50 - 1000 / 125 = 42 %
  CHECK(nodes_to_find(6000, 0) == 300);  // never below 5 %
  CHECK(nodes_to_find(1000, 30) == 300);
  CHECK(nodes_to_find(150, 10) == 100);
  CHECK(nodes_to_find(5000, 100) == 5000);
}

TEST_CASE("a search for enough nodes goes on where the one before stopped",
          "[policies][placement]") {
  Dice dice(3);
  auto facts = std::make_shared<ClusterFacts>();
  std::vector<std::string> names;
  for (int row = 0; row < 200; ++row) {
    facts->nodes.push_back(node_with(1));
    names.push_back("n" + std::to_string(1000 + row));
  }
  facts->gpu_kinds = {"gpu"};
  const ClusterView view(names, facts);
  ConfigNode settings = ConfigNode::map();
  settings.add("percentage_of_nodes_to_score", ConfigNode::scalar("60"));
  const auto most = rule("most_allocated", settings);
  CHECK(nodes(view, most->place(view, gang(1, 1))) == "n1000");  // of 1000 to 1119
  CHECK(nodes(view, most->place(view, gang(1, 1))) == "n1000");  // of 1120 to 1039
  CHECK(nodes(view, most->place(view, gang(1, 1))) == "n1040");  // of 1040 to 1159
}

}  // namespace
}  // namespace plimsoll::test
