#include "workloads/jobs/training_job_config.hpp"

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/workloads/training_samples.hpp"

using namespace plimsoll;
using samples::gang_of;
using samples::small_training;
using samples::training_job;
using samples::training_places;

namespace {

std::string refusal(const TrainingJobConfig& config, const JobSpec& job,
                    const std::vector<samples::Nodes>& nodes = {
                        {"hgx_h100_8", "rail_optimized", 64}}) {
  try {
    training_job(config, job, training_places(nodes));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a training job is written and read", "[training]") {
  TrainingJobConfig config = small_training();
  config.precision = TrainingPrecision::fp8;
  const auto read = read_config<TrainingJobConfig>(write_config(config));
  CHECK(read.precision == TrainingPrecision::fp8);
  CHECK(read.tensor == 4);
  CHECK(read.steps == 1000);
  CHECK(!read.tokens);
  std::vector<Fault> faults;
  read_config<TrainingJobConfig>(
      parse_yaml("{model: m, batch: 1, sequence: 1, precision: fp4}", "job.yaml"), faults);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].text() ==
        "job.yaml:1:46: precision = \"fp4\" is no precision of training; write bf16 or fp8 (of the "
        "matrix products: bf16 or fp8).");
}

TEST_CASE("tokens make whole steps", "[training]") {
  TrainingJobConfig config = small_training();
  config.steps.reset();
  config.tokens = 64 * 8192 * 10 + 1;
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 4}});
  CHECK(training_job(config, gang_of(1, 8), places)->spec().steps == 11);
  config.steps = 5;
  CHECK(refusal(config, gang_of(1, 8)) ==
        "jobs.yaml:7:3: a training job has either steps or tokens.");
  config.steps.reset();
  config.tokens = 1'000'000'000'000'000;
  config.batch = 8;
  config.sequence = 8;
  CHECK(refusal(config, gang_of(1, 8)).find("make 15625000000000 steps of 8 x 8; at most") !=
        std::string::npos);
}

TEST_CASE("all that is wrong with a cut is said at once", "[training]") {
  TrainingJobConfig config = small_training();
  config.tensor = 3;
  config.pipeline = 8;
  config.virtual_stages = 8;
  config.expert = 2;
  const std::string all = refusal(config, gang_of(3, 8));
  CHECK(all.find("expert = 2: llama-3.1-8b has no experts.") != std::string::npos);
  CHECK(all.find("tensor = 3 does not divide the 32 heads") != std::string::npos);
  CHECK(all.find("pipeline x virtual_stages = 8 x 8 is more than the 32 layers") !=
        std::string::npos);
  config = small_training();
  CHECK(refusal(config, gang_of(3, 2)) ==
        "jobs.yaml:7:3: 6 GPUs are no multiple of tensor x pipeline x context = 4.");
  config.batch = 65;
  CHECK(refusal(config, gang_of(1, 8)) ==
        "jobs.yaml:7:3: a batch of 65 sequences is no multiple of 2 replicas x 1.");
  config.model = "llama-3.1-8c";
  CHECK(refusal(config, gang_of(1, 8)).find("jobs.yaml:7:3: unknown model \"llama-3.1-8c\"") == 0);
}

TEST_CASE("a GPU without a training law is refused, and those with one are named", "[training]") {
  const std::vector<samples::Nodes> nodes = {{"hgx_h100_8", "rail_optimized", 4},
                                             {"l40s_8", "ethernet", 4}};
  CHECK(refusal(small_training(), gang_of(1, 8), nodes) ==
        "jobs.yaml:7:3: llama-3.1-8b cannot be trained on nvidia_l40s: no training law is for it. "
        "Of the cluster's, let the gang accept nvidia_h100_sxm only.");
  CHECK(refusal(small_training(), gang_of(1, 8, 0b01), nodes) == "none");
  CHECK(refusal(small_training(), gang_of(1, 8), {{"l40s_8", "ethernet", 4}})
            .find("No other kind of the cluster will do.") != std::string::npos);
}

TEST_CASE("a model that does not fit the memory of its GPUs is refused", "[training]") {
  TrainingJobConfig config = small_training();
  config.model = "llama-3.1-70b";
  config.tensor = 8;
  CHECK(refusal(config, gang_of(1, 8)) ==
        "jobs.yaml:7:3: llama-3.1-70b cannot be trained on nvidia_h100_sxm: weights, gradients and "
        "optimizer take 141.1 GB of each GPU, which has 85.9 GB. No other kind of the cluster will "
        "do.");
  CHECK(refusal(config, gang_of(8, 8)) == "none");
  config.sharded_optimizer = false;
  CHECK(refusal(config, gang_of(8, 8)).find("take 141.1 GB") != std::string::npos);
}

TEST_CASE("an elastic job's fewest workers hold a replica", "[training]") {
  JobSpec gang = gang_of(2, 2);
  gang.min_workers = 1;
  gang.max_workers = 7;
  CHECK(refusal(small_training(), gang) ==
        "jobs.yaml:7:3: min_workers = 1 hold 2 GPUs, one replica takes tensor x pipeline x context "
        "= 4.");
  gang.min_workers = 3;
  CHECK(refusal(small_training(), gang) == "none");
  TrainingJobConfig experts = small_training();
  experts.model = "mixtral-8x7b";
  experts.context = 2;
  experts.expert = 4;
  gang.min_workers = 4;
  CHECK(refusal(experts, gang).find("expert = 4 does not divide context = 2: with any number") !=
        std::string::npos);
  CHECK(refusal(experts, gang_of(4, 8)) == "none");
}

TEST_CASE("shares of GPUs do not train", "[training]") {
  JobSpec gang = gang_of(1, 1);
  gang.gang[0].each.gpu_milli = 500;
  CHECK(refusal(small_training(), gang).find("a training job takes whole GPUs.") !=
        std::string::npos);
}

TEST_CASE("a node type without a network trains within a node only", "[training]") {
  HardwareCatalog hardware(shipped_roots());
  WorkloadCatalog workloads(shipped_roots());
  NodeSpec node = hardware.node("hgx_h100_8", {});
  node.network_bandwidth.reset();
  ClusterTopology cluster;
  cluster.add({"lone", {node}, hardware.fabric("ethernet", {}), 4}, {});
  const auto places = std::make_shared<const TrainingPlaces>(
      cluster, std::vector{hardware.gpu(node.gpu, {})}, samples::kLevels, workloads);
  CHECK(places->kinds()[0].island_bandwidth.count() == Approx(450e9));
  CHECK(training_job(small_training(), gang_of(1, 8), places)->spec().steps == 1000);
  CHECK_THROWS_WITH(training_job(small_training(), gang_of(2, 8), places),
                    Catch::Contains("nvidia_h100_sxm: its node type states no network."));
}
