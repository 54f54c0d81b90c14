// From names to a replica, and what is said when that cannot be.
#include "workloads/serving_deployment.hpp"

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"

using namespace plimsoll;

namespace {

const char* const kScenario = R"(pools:
  chat:
    model: llama-3.1-70b
    dtype: bf16
    nodes: h100
    tensor_parallel: 4
    engine:
      profile: vllm-0.15
      max_num_seqs: 256
)";

ServingSpec chat() {
  return {.model = "llama-3.1-70b",
          .gpu = "nvidia_h100_sxm",
          .engine = "vllm-0.15",
          .parallelism = {.tensor = 4}};
}

ServingDeployment deploy(const ServingSpec& spec) {
  HardwareCatalog hardware(shipped_roots());
  WorkloadCatalog workloads(shipped_roots());
  static const ConfigNode scenario = parse_yaml(kScenario, "chat.yaml");
  return deploy_serving(hardware, workloads, spec, {scenario, "pools.chat"});
}

std::string faults_of(const ServingSpec& spec) {
  try {
    deploy(spec);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no fault";
}

bool says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  WARN(text);
  return false;
}

}  // namespace

TEST_CASE("a deployment takes the engine's and the model's defaults", "[deployment]") {
  const ServingDeployment replica = deploy(chat());
  CHECK(replica.max_num_seqs == 1024);
  CHECK(replica.max_num_batched_tokens == 8192);
  CHECK(replica.block_size == 16);
  CHECK(replica.max_model_len == 131072);
  CHECK(replica.level == "operator tables");
  CHECK(replica.step_time_error > 0);
  CHECK(replica.kv_blocks * replica.block_size > 2 * replica.max_model_len);
  CHECK(seconds_from_ticks(replica.step_time->decode(8, 8000).at(8000)) ==
        Approx(0.017).epsilon(0.2));
}

// The engine's memory_reserve is fitted to this one number: the test holds the arithmetic and the fit together.
TEST_CASE("the KV capacity reproduces what vLLM allocated for Code Llama 34B on two H100",
          "[deployment]") {
  ServingSpec spec = chat();
  spec.model = "codellama-34b";
  spec.parallelism.tensor = 2;
  CHECK(deploy(spec).kv_blocks == 26602);
}

TEST_CASE("settings replace the defaults", "[deployment]") {
  ServingSpec spec = chat();
  spec.max_num_batched_tokens = 512;
  CHECK(deploy(spec).max_num_seqs == 512);  // as vLLM does: a seat without a token is of no use
  spec.max_num_seqs = 32;
  spec.block_size = 32;
  spec.max_model_len = 4096;
  spec.num_gpu_blocks = 1000;
  const ServingDeployment replica = deploy(spec);
  CHECK(replica.max_num_seqs == 32);
  CHECK(replica.block_size == 32);
  CHECK(replica.max_model_len == 4096);
  CHECK(replica.kv_blocks == 1000);
  CHECK(replica.busy_power_w.size() == 33);
}

TEST_CASE("power rises with the batch between idle and the board's limit", "[deployment]") {
  const ServingDeployment replica = deploy(chat());
  REQUIRE(replica.busy_power_w.size() == 1025);
  CHECK(replica.busy_power_w[0] == replica.idle_power_w);
  for (std::size_t n = 1; n < replica.busy_power_w.size(); ++n) {
    CHECK(replica.busy_power_w[n] >= replica.busy_power_w[n - 1]);
    CHECK(replica.busy_power_w[n] <= 700.0);
  }
  CHECK(replica.busy_power_w[8] == Approx(447).epsilon(0.02));
  CHECK(replica.busy_power_w[256] == Approx(630).epsilon(0.02));
}

TEST_CASE("what was never measured is named; what was, says up to where", "[deployment]") {
  ServingSpec spec = chat();
  CHECK(deploy(spec).extrapolations.empty());
  CHECK_FALSE(deploy(spec).measured.empty());
  spec.lora_adapters = 4;
  CHECK(says(deploy(spec).extrapolations.at(0), "extrapolating: LoRA"));
}

TEST_CASE("a GPU that nobody calibrated runs on its datasheet and says so", "[deployment]") {
  ServingSpec spec = chat();
  spec.gpu = "nvidia_l40s";
  spec.model = "llama-3.1-8b";
  spec.parallelism.tensor = 1;
  spec.max_model_len = 8192;
  const ServingDeployment replica = deploy(spec);
  CHECK(replica.level == "datasheet");
  CHECK(replica.step_time_error == 0.35);
  REQUIRE(replica.extrapolations.size() == 2);
  CHECK(says(replica.extrapolations[0], "power: llama-3.1-8b"));
  CHECK(says(replica.extrapolations[1], "no operator of nvidia_l40s was measured"));
  // 16 GB of weights at 864 GB/s.
  CHECK(seconds_from_ticks(replica.step_time->decode(1, 100).at(100)) ==
        Approx(0.0232).epsilon(0.15));
}

TEST_CASE("an anchor moves step times and front end, and the level with them", "[deployment]") {
  ServingSpec spec = chat();
  const ServingDeployment plain = deploy(spec);
  spec.anchor = {.decode_scale = 1.5,
                 .prefill_scale = 2,
                 .step_offset = Seconds{1e-3},
                 .front_end = Seconds{5e-3},
                 .front_end_per_token = Seconds{1e-6},
                 .points = 2};
  const ServingDeployment anchored = deploy(spec);
  CHECK(anchored.level == "anchored");
  CHECK(to_seconds(anchored.front_end) == Approx(5e-3));
  CHECK(anchored.front_end_per_token_s == Approx(1e-6));
  CHECK(anchored.step_time->decode(8, 8000).at(8000) > plain.step_time->decode(8, 8000).at(8000));
}

TEST_CASE("a mixture is cut by experts, data and tensor ranks", "[deployment]") {
  ServingSpec spec = chat();
  spec.model = "qwen3-235b-a22b";
  spec.dtype = "fp8";
  spec.max_model_len = 8192;
  spec.parallelism = {.tensor = 4, .expert = 4};
  const ServingDeployment one = deploy(spec);
  spec.parallelism = {.tensor = 4, .expert = 8, .data = 2};
  const ServingDeployment two = deploy(spec);
  CHECK(two.memory.weights < one.memory.weights);
  CHECK(two.kv_blocks > one.kv_blocks);
  spec.parallelism = {.tensor = 4, .expert = 3};
  CHECK(says(faults_of(spec), "expert_parallel = 3 does not divide the 4 GPUs"));
  spec.model = "llama-3.1-70b";
  CHECK(says(faults_of(spec), "expert_parallel = 3: llama-3.1-70b has no experts."));
  spec.parallelism = {.tensor = 4, .pipeline = 100};
  CHECK(says(faults_of(spec), "pipeline_parallel = 100: llama-3.1-70b has 80 layers."));
}

TEST_CASE("speculation that cannot be is refused", "[deployment]") {
  ServingSpec spec = chat();
  spec.speculative = {.draft_tokens = 3, .accepted_length = 4.5};
  CHECK(says(faults_of(spec), "speculative.accepted_length = 4.5 is outside [1, 4]"));
  spec.speculative = {.draft_tokens = 0, .accepted_length = 1};
  CHECK(says(faults_of(spec), "speculative.draft_tokens = 0"));
  spec.speculative = {.draft_tokens = 3, .accepted_length = 0};
  CHECK(says(faults_of(spec), "unknown model with measured acceptance lengths"));
}

TEST_CASE("an accepted length that is not given is the one measured of the model", "[deployment]") {
  ServingSpec spec = chat();
  spec.model = "qwen3.5-397b-a17b";
  spec.gpu = "nvidia_b200_sxm";
  spec.dtype = "fp8";
  spec.max_model_len = 8192;
  spec.speculative = {.draft_tokens = 3, .accepted_length = 0, .draft_share = 0.02};
  const ServingDeployment looked_up = deploy(spec);
  spec.speculative->accepted_length = 3.39;
  CHECK(deploy(spec).step_time->decode(8, 8000).at(8000) ==
        looked_up.step_time->decode(8, 8000).at(8000));
  spec.speculative = {.draft_tokens = 9, .accepted_length = 0};
  CHECK(says(faults_of(spec), "are known up to 8; give accepted_length."));
}

TEST_CASE("power of a model that was not measured is marked as extrapolated", "[deployment]") {
  ServingSpec spec = chat();
  spec.model = "llama-3.1-8b";
  spec.parallelism.tensor = 1;
  CHECK(says(deploy(spec).extrapolations.at(0), "power: llama-3.1-8b in bf16 on 1"));
}

TEST_CASE("fp8 fits where bf16 does not, and is faster", "[deployment]") {
  ServingSpec spec = chat();
  spec.parallelism.tensor = 2;
  CHECK(says(faults_of(spec), "does not fit"));
  spec.dtype = "fp8";
  const ServingDeployment half = deploy(spec);
  spec.dtype = "bf16";
  spec.max_model_len = 8192;
  const ServingDeployment full = deploy(spec);
  CHECK(half.kv_blocks > full.kv_blocks);
  CHECK(half.step_time->decode(8, 8000).at(8000) < full.step_time->decode(8, 8000).at(8000));
}

TEST_CASE("a model that does not fit says what it needs, what there is and what to do",
          "[deployment]") {
  ServingSpec spec = chat();
  spec.parallelism.tensor = 1;
  const std::string text = faults_of(spec);
  CHECK(says(text,
             "chat.yaml:3:12: pools.chat.model = llama-3.1-70b in bf16 does not fit: each of 1 "
             "nvidia_h100_sxm needs 141.1 GB for weights"));
  CHECK(says(text, "may use 77.3 GB (0.9 of 85.9 GB)"));
  CHECK(says(text, "Use more GPUs per replica (tensor_parallel), dtype fp8,"));
  spec.num_gpu_blocks = 100'000;
  CHECK(says(faults_of(spec), "does not fit"));
}

TEST_CASE("every wrong name of a pool is reported at its line", "[deployment]") {
  ServingSpec spec = chat();
  spec.model = "llama-3.1-7b";
  spec.engine = "vlm-0.15";
  spec.dtype = "fp9";
  const std::string text = faults_of(spec);
  CHECK(says(text, "chat.yaml:3:12: pools.chat.model: unknown model \"llama-3.1-7b\""));
  CHECK(says(text, "chat.yaml:8:16: pools.chat.engine.profile: unknown engine profile"));
  CHECK(
      says(text, "chat.yaml:4:12: pools.chat.dtype: unknown dtype \"fp9\". Did you mean \"fp8\"?"));
}

TEST_CASE("limits that cannot hold are refused", "[deployment]") {
  ServingSpec spec = chat();
  spec.parallelism.tensor = 3;
  CHECK(says(faults_of(spec), "chat.yaml:6:22: pools.chat.tensor_parallel = 3 does not divide"));
  spec = chat();
  spec.max_num_seqs = 256;
  spec.max_num_batched_tokens = 128;
  CHECK(says(faults_of(spec), "chat.yaml:9:21: pools.chat.engine.max_num_seqs = 256 is above"));
  spec = chat();
  spec.max_model_len = 200'000;
  CHECK(says(faults_of(spec), "above the 131072 tokens"));
  spec = chat();
  spec.num_gpu_blocks = 10;
  CHECK(says(faults_of(spec), "pools.chat.engine.num_gpu_blocks = 10 is below the 8192 blocks"));
}
