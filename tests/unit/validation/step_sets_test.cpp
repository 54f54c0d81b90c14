// Sets of measured steps, on folders of a few rows and the shipped catalogue.
#include <fmt/format.h>

#include <algorithm>

#include "hardware/catalog_paths.hpp"
#include "planner/validation/batch_time.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/suite.hpp"
#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {
namespace {

ValidationContext shipped_catalogs() {
  ValidationContext context;
  context.catalogs = catalog_roots({}, ".");
  return context;
}

std::string refusal(PredictionsOf* set, const DataFolder& data) {
  return fault_of([&] {
    ValidationContext context = shipped_catalogs();
    set(data.root(), context);
  });
}

double worst_error(const std::vector<Prediction>& predictions) {
  double worst = 0;
  for (const Prediction& prediction : predictions)
    if (prediction.level == "anchored") worst = std::max(worst, std::abs(prediction.error()));
  return worst;
}

const std::string kSteps =
    "step.id,step.ts_start_ns,batch.num_prefill_reqs,batch.num_decode_reqs,batch.prefill_tokens,"
    "kv.usage_gpu_ratio,kv.blocks_total_gpu,experiment_id,model,tp\n";
const std::string kStepsFile = "vllm_steps_h100/enriched_steps.csv";

/// Steps of an engine that takes 1.2 times as long as the model says, and 1 ms more.
std::string slower_steps() {
  Deployer deployer(shipped_catalogs().catalogs);
  ServingSpec spec;
  spec.model = "llama-3.1-8b";
  spec.gpu = "nvidia_h100_sxm";
  spec.engine = "vllm-0.15";
  spec.num_gpu_blocks = 10'000;
  spec.max_num_seqs = 100;
  spec.anchor.decode_scale = 1.2;
  spec.anchor.step_offset = Seconds{1e-3};
  const ServingDeployment engine = deployer.deploy(spec, "test");
  std::string text = kSteps;
  double now_ns = 1e9;
  for (int i = 0; i < 12; ++i) {
    const int sequences = 8 * (i + 1);
    const double blocks = sequences * 20.5;
    text += fmt::format("{},{:.0f},0,{},0,{},10000,e,llama-3.1-8b,1\n", i, now_ns, sequences,
                        blocks / 10'000);
    now_ns += 1e9 * decode_step_s(engine, sequences, sequences * 20 * 16);
  }
  return text;
}

TEST_CASE("step periods of an engine that the anchor can describe are met") {
  const DataFolder data;
  data.write(kStepsFile, slower_steps());
  ValidationContext context = shipped_catalogs();
  const auto predictions = validate_vllm_steps(data.root(), context);
  CHECK(context.notes.empty());
  REQUIRE(predictions.size() == 22);  // eleven periods, before and after anchoring
  CHECK(predictions[0].slice == "nvidia_h100_sxm vllm-0.15 llama-3.1-8b tp1");
  CHECK(predictions[0].error() < -0.1);
  CHECK(std::count_if(predictions.begin(), predictions.end(),
                      [](const Prediction& p) { return p.anchor_point; }) == 2);
  CHECK(worst_error(predictions) < 1e-3);
}

TEST_CASE("a model that the catalogue lacks leaves its steps out, with a note") {
  const DataFolder data;
  data.write(kStepsFile, kSteps +
                             "1,1000,0,4,0,0.1,10000,e,no-such-model,1\n"
                             "2,2000,0,4,0,0.1,10000,e,no-such-model,1\n");
  ValidationContext context = shipped_catalogs();
  CHECK(validate_vllm_steps(data.root(), context).empty());
  REQUIRE(context.notes.size() == 1);
  CHECK(context.notes[0].find("1 rows") != std::string::npos);
  CHECK(context.notes[0].find("no-such-model") != std::string::npos);
}

TEST_CASE("steps out of order and shares above one are refused with row and column") {
  const DataFolder data;
  data.write(kStepsFile, kSteps + "2,1000,0,4,0,0.1,10000,e,m,1\n1,2000,0,4,0,0.1,10000,e,m,1\n");
  const std::string order = refusal(validate_vllm_steps, data);
  CHECK(order.find("enriched_steps.csv:3") != std::string::npos);
  CHECK(order.find("step.id") != std::string::npos);
  data.write(kStepsFile, kSteps + "2,1000,0,4,0,1.5,10000,e,m,1\n");
  CHECK(refusal(validate_vllm_steps, data).find("kv.usage_gpu_ratio") != std::string::npos);
}

TEST_CASE("forward passes that decode are refused, and so is a folder without any") {
  const DataFolder data;
  data.write("fpm_b200_gptoss/prefill_forward_passes.csv",
             "wall_time_s,prefill_tokens,prefill_kv_tokens,prefill_requests,decode_kv_tokens,"
             "decode_requests\n0.03,100,0,1,0,2\n");
  CHECK(refusal(validate_forward_passes, data).find("decode_requests") != std::string::npos);
  const DataFolder empty;
  std::filesystem::create_directories(empty.root() / "fpm_b200_gptoss");
  CHECK(refusal(validate_forward_passes, empty).find("prefill_forward_passes") !=
        std::string::npos);
}

TEST_CASE("repetitions count once, copies under a power cap do not count") {
  const DataFolder data;
  std::string text =
      "model,hardware,prompt_size,batch_size,token_size,prompt_time,token_time,e2e_time,"
      "tensor_parallel\n";
  for (const char* hardware : {"h100-80gb", "h100-80gb-pcap"})
    for (const int batch : {1, 4, 16})
      for (int repetition = 0; repetition < 3; ++repetition)
        text += fmt::format("llama2-70b,{},512,{},128,60,{},4000,4\n", hardware, batch,
                            30 + batch / 2 + repetition);
  data.write("splitwise_perf/perf_model.csv", text);
  ValidationContext context = shipped_catalogs();
  const auto predictions = validate_splitwise_perf(data.root(), context);
  REQUIRE(context.notes.size() == 1);
  CHECK(context.notes[0].find("9 rows") != std::string::npos);
  std::vector<double> tokens;
  for (const Prediction& prediction : predictions)
    if (prediction.metric == "token_ms" && prediction.level != "anchored")
      tokens.push_back(prediction.measured);
  CHECK(tokens == std::vector<double>{31, 33, 39});
}

}  // namespace
}  // namespace plimsoll
