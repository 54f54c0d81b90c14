#include "workloads/step_time/training_step.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/parameter_count.hpp"
#include "workloads/step_time/training_memory.hpp"

using namespace plimsoll;

namespace {

constexpr double kNetwork = 50e9;
constexpr double kIsland = 450e9;

TrainingLaw law() {
  TrainingLaw law;
  law.efficiency.value = 0.5;
  law.node_jitter.value = 0.01;
  return law;
}

/// Sound nodes of eight in one island each.
TrainingGpus nodes_of_eight(std::int32_t nodes) {
  TrainingGpus gpus;
  gpus.rate = FlopPerSecond{1e15};
  gpus.bf16_rate = FlopPerSecond{0.5e15};
  gpus.memory_bandwidth = BytesPerSecond{3e12};
  gpus.nodes = nodes;
  gpus.islands = nodes;
  gpus.fewest = 8;
  gpus.aligned = 8;
  gpus.island_bandwidth = BytesPerSecond{kIsland};
  gpus.network_bandwidth = BytesPerSecond{kNetwork};
  return gpus;
}

TrainingCut cut(std::int32_t gpus, std::int32_t tensor, std::int32_t pipeline, std::int32_t context,
                std::int32_t batch) {
  TrainingCut cut;
  cut.gpus = gpus;
  cut.tensor = tensor;
  cut.pipeline = pipeline;
  cut.context = context;
  cut.batch = batch;
  cut.sequence = 4096;
  return cut;
}

TrainingStep step(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus) {
  return training_step(model, cut, gpus, law());
}

}  // namespace

TEST_CASE("the parts of a step are those that one reckons by hand", "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");  // 32 layers of 4096, 32 heads of 128
  const ParameterCount count = parameter_count(model);
  const TrainingStep two = step(model, cut(16, 8, 1, 1, 32), nodes_of_eight(2));
  const double tokens = 16.0 * 4096;  // of each replica
  const double head = 6.0 * 4096 * 128'256;
  const double layers = 6.0 * static_cast<double>(count.active) - head;
  const double attention = 6.0 * 32 * 4096 * 4096;
  CHECK(two.compute_s ==
        Approx(tokens / 8 *
               (layers / 0.5e15 + (head + attention) / 0.25e15 + 350.0 * 32 * 4096 / 3e12)));
  CHECK(two.tensor_s == Approx(16 * 4 * 32 * 2 * (7.0 / 8) * 4096 * 4096 * 2 / kIsland));
  CHECK(two.data_s == Approx(static_cast<double>(count.total) / 8 * 4 / 2 / kNetwork));
  CHECK(two.bubble_s == 0);
  CHECK(two.pipeline_s == 0);
  const double before = two.compute_s + two.tensor_s + two.data_s;
  CHECK(two.straggler_s == Approx(before * 0.01 * std::sqrt(2 * std::log(2.0))));
}

TEST_CASE("a pipeline idles while it fills, and its hops count as far as compute hides them not",
          "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  TrainingGpus gpus = nodes_of_eight(2);
  const TrainingStep fast = step(model, cut(16, 8, 2, 1, 32), gpus);
  CHECK(fast.bubble_s == Approx((fast.compute_s + fast.tensor_s) / 32));
  const double hop = 4096.0 * 4096 * 2 / 8 / kNetwork;
  CHECK(fast.pipeline_s == Approx(2 * hop));
  gpus.network_bandwidth = BytesPerSecond{1e8};
  const TrainingStep slow = step(model, cut(16, 8, 2, 1, 32), gpus);
  const double slow_hop = 4096.0 * 4096 * 2 / 8 / 1e8;
  CHECK(slow.pipeline_s == Approx(66 * slow_hop - slow.compute_s));
}

TEST_CASE("a group across nodes has the NICs of its members in a node, and no more than NVLink",
          "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  const double inside = step(model, cut(16, 8, 1, 1, 32), nodes_of_eight(2)).tensor_s;
  const double across = step(model, cut(16, 16, 1, 1, 32), nodes_of_eight(2)).tensor_s;
  // Twice the sequences and 15/16 in place of 7/8 of the bytes, over eight NICs in place of NVLink.
  CHECK(across / inside == Approx(2 * (15.0 / 16) / (7.0 / 8) * kIsland / (8 * kNetwork)));
  TrainingGpus lone = nodes_of_eight(16);
  lone.fewest = lone.aligned = 1;
  CHECK(step(model, cut(16, 16, 1, 1, 32), lone).tensor_s == Approx(8 * across));
  TrainingGpus uneven = nodes_of_eight(2);  // 12 and 4: a group of eight is cut into halves
  uneven.fewest = uneven.aligned = 4;
  CHECK(step(model, cut(16, 8, 1, 1, 32), uneven).tensor_s ==
        Approx(inside * kIsland / (4 * kNetwork)));
}

TEST_CASE("replicas that share a node share its NICs for their gradients", "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  const double held = static_cast<double>(parameter_count(model).total);
  const TrainingStep narrow = step(model, cut(16, 1, 1, 1, 32), nodes_of_eight(2));
  CHECK(narrow.data_s == Approx(held * 4 * (15.0 / 16) / (8 * kNetwork)));
  const TrainingStep wide = step(model, cut(16, 4, 1, 1, 32), nodes_of_eight(2));
  CHECK(wide.data_s == Approx(held / 4 * 4 * (3.0 / 4) / (2 * kNetwork)));
}

TEST_CASE("experts in reach of NVLink cost less than experts across the network", "[training]") {
  const ModelSpec model = shipped_model("mixtral-8x7b");
  TrainingCut near = cut(16, 1, 1, 1, 32);
  near.expert = 8;
  const double tokens = 2.0 * 4096 * 2;  // of a GPU, to two experts each
  const double moved = 4 * 32 * tokens * 4096 * 2;
  CHECK(step(model, near, nodes_of_eight(2)).expert_s == Approx(moved * 7 / 8 / kIsland));
  TrainingCut far = cut(16, 4, 1, 1, 32);
  far.expert = 4;  // two of them in each node
  CHECK(step(model, far, nodes_of_eight(2)).expert_s ==
        Approx(4 * 32 * (2.0 * 4096 * 2) * 4096 * 2 * 2 / 4 / kNetwork));
}

TEST_CASE("more bandwidth, of island or network, never makes a step longer", "[training]") {
  const ModelSpec model = shipped_model("mixtral-8x7b");
  for (const std::int32_t tensor : {1, 2, 4, 8, 16})
    for (const std::int32_t pipeline : {1, 2})
      for (const std::int32_t context : {1, 2}) {
        TrainingCut shape = cut(64, tensor, pipeline, context, 128);
        shape.expert = static_cast<std::int32_t>(std::min<std::int64_t>(8, shape.replicas()));
        double before = 1e30;
        for (const double network : {1e8, 1e9, 1e10, 1e11}) {
          TrainingGpus gpus = nodes_of_eight(8);
          gpus.network_bandwidth = BytesPerSecond{network};
          const double now = step(model, shape, gpus).total_s();
          CHECK(now <= before);
          gpus.island_bandwidth = BytesPerSecond{2 * kIsland};
          CHECK(step(model, shape, gpus).total_s() <= now);
          before = now;
        }
      }
}

TEST_CASE("a slow node slows compute by as much and nothing else", "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  TrainingGpus gpus = nodes_of_eight(1);
  const TrainingStep sound = step(model, cut(8, 8, 1, 1, 32), gpus);
  CHECK(sound.straggler_s == 0);
  double before = sound.total_s();
  for (const double slowdown : {1.1, 1.5, 3.0}) {
    gpus.slowdown = slowdown;
    const TrainingStep slow = step(model, cut(8, 8, 1, 1, 32), gpus);
    CHECK(slow.straggler_s == Approx((slowdown - 1) * sound.compute_s));
    CHECK(slow.total_s() > before);
    CHECK(slow.total_s() < slowdown * sound.total_s());
    before = slow.total_s();
  }
}

TEST_CASE("a batch that does not divide takes as long as its largest part", "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  const TrainingStep uneven = step(model, cut(32, 8, 1, 1, 30), nodes_of_eight(4));
  const TrainingStep even = step(model, cut(32, 8, 1, 1, 32), nodes_of_eight(4));
  CHECK(uneven.total_s() == even.total_s());
}

TEST_CASE("replicas that share the optimizer's state hold less each", "[training]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  const auto parameters = static_cast<double>(parameter_count(model).total);
  const auto held = [&](std::int32_t gpus, bool sharded) {
    return static_cast<double>(
        training_state_bytes(model, cut(gpus, 2, 2, 1, 32), sharded).count());
  };
  CHECK(held(4, true) == Approx(4 * parameters));
  CHECK(held(4, false) == held(4, true));
  CHECK(held(16, false) == held(4, false));
  CHECK(held(16, true) == Approx((4 + 12 / 4.0) * parameters / 4));
}

TEST_CASE("all that does not divide is said", "[training]") {
  std::vector<std::string> problems;
  TrainingCut odd = cut(32, 8, 1, 1, 30);
  odd.expert = 3;
  check_cut(odd, problems);
  REQUIRE(problems.size() == 2);
  CHECK(problems[0] == "a batch of 30 sequences is no multiple of 4 replicas x 1.");
  CHECK(problems[1] == "expert = 3 does not divide 4 replicas x context = 4.");
}
