// What is said of operators that nobody measured, and up to where the others were.
#include "workloads/step_time/extrapolation.hpp"

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"

using namespace plimsoll;

namespace {

/// Measured in bf16 up to 8192 tokens, 256 sequences, contexts of 65536, among 2 GPUs.
OperatorLaws measured() {
  OperatorLaws laws;
  laws.gemm["bf16"].grid = {{{"m", {1, 8192}}, {"n", {32, 65536}}, {"k", {32, 65536}}},
                            std::vector<double>(8, 0.0)};
  DecodeAttentionLaw& decode = laws.decode_attention.emplace_back();
  decode.base_us = {{{"sequences", {1, 256}}, {"heads", {1}}}, {0, 0}};
  decode.most_context = 65536;
  PrefillAttentionLaw& prefill = laws.prefill_attention.emplace_back();
  prefill.slowdown = {{{"tokens", {16, 8192}}, {"heads", {1}}}, {0, 0}};
  CollectiveLaw& reduce = laws.collectives.emplace_back();
  reduce.operation = "all_reduce";
  reduce.gpus = 2;
  reduce.time_us = {{{"bytes", {1, 64 << 20}}}, {0, 0}};
  return laws;
}

MeasuredScope scope(const ReplicaRecipe& recipe, const StepShape& shape) {
  return measured_scope(recipe, measured(), shape, "gpu_x");
}

std::vector<std::string> said(const ReplicaRecipe& recipe, const StepShape& shape) {
  return scope(recipe, shape).sentences;
}

const MeasuredRange& range_of(const MeasuredScope& scope, LoadQuantity quantity,
                              const std::string& subject) {
  for (const MeasuredRange& range : scope.ranges)
    if (range.quantity == quantity && range.subject == subject) return range;
  FAIL("no range of " << subject);
  throw 0;
}

ReplicaRecipe recipe(const char* model) {
  return {.model = shipped_model(model), .rates = h100_rates(), .laws = measured()};
}

constexpr std::int32_t kInside = 8192;

}  // namespace

TEST_CASE("within what was measured, nothing is said", "[extrapolation]") {
  ReplicaRecipe two = recipe("llama-3.1-8b");
  CHECK(said(two, {256, kInside, kInside}).empty());
  two.parallelism.tensor = 2;
  CHECK(said(two, {256, kInside, kInside}).empty());
}

TEST_CASE("limits of the engine that no run has reached say nothing", "[extrapolation]") {
  CHECK(said(recipe("llama-3.1-8b"), {512, 16384, 131072}).empty());
}

TEST_CASE("each law's last knot ends a range", "[extrapolation]") {
  ReplicaRecipe two = recipe("llama-3.1-8b");
  two.parallelism.tensor = 2;
  const MeasuredScope whole = scope(two, {512, 16384, 131072});
  CHECK(range_of(whole, LoadQuantity::step_tokens, "matrix products in bf16, gpu_x").most == 8192);
  CHECK(range_of(whole, LoadQuantity::sequences, "decode attention, gpu_x").most == 256);
  CHECK(range_of(whole, LoadQuantity::context_tokens, "decode attention, gpu_x").most == 65536);
  CHECK(range_of(whole, LoadQuantity::prompt_tokens, "prefill attention, gpu_x").most == 8192);
  // 64 MiB in tokens of 4096 bf16 values.
  CHECK(range_of(whole, LoadQuantity::step_tokens, "all_reduce among 2, gpu_x").most == 8192);
  CHECK(whole.ranges.size() == 5);
}

TEST_CASE("a step that speculates reaches the last row with fewer sequences", "[extrapolation]") {
  StepShape shape{256, kInside, kInside};
  shape.speculative = SpeculativeSpec{.draft_tokens = 3, .accepted_length = 2.5};
  CHECK(range_of(scope(recipe("llama-3.1-8b"), shape), LoadQuantity::sequences,
                 "matrix products in bf16, gpu_x")
            .most == 2048);
}

TEST_CASE("widths that the model fixes are said for every run", "[extrapolation]") {
  ReplicaRecipe wide = recipe("llama-3.1-8b");
  wide.model.intermediate = 65536;
  CHECK(
      said(wide, {256, kInside, kInside}).at(0) ==
      "extrapolating: width of matrix products in bf16 of 131072 beyond 65536 measured on gpu_x.");
}

TEST_CASE("an anchor's loads are ranges of means", "[extrapolation]") {
  StepShape shape{256, kInside, kInside};
  shape.anchor.loads = AnchoredLoads{{8, 64}, {512, 512}, {128, 256}};
  const MeasuredScope anchored = scope(recipe("llama-3.1-8b"), shape);
  const MeasuredRange& load = range_of(anchored, LoadQuantity::requests_in_flight, "anchor");
  CHECK(load.least == 8);
  CHECK(load.most == 64);
  CHECK(range_of(anchored, LoadQuantity::mean_output_tokens, "anchor").most == 256);
}

TEST_CASE("a format, a kernel or a collective that was not measured is a sentence",
          "[extrapolation]") {
  ReplicaRecipe other = recipe("llama-3.1-8b");
  other.quantization = {.dense = Precision::fp8, .kv = Precision::fp8};
  other.parallelism.tensor = 4;
  other.parallelism.pipeline = 2;
  const std::vector<std::string> sentences = said(other, {256, kInside, kInside});
  REQUIRE(sentences.size() == 5);
  CHECK(sentences[0].find("matrix products in fp8 were not measured") != std::string::npos);
  CHECK(sentences[1].find("decode attention with heads of 128, a KV cache in fp8") !=
        std::string::npos);
  CHECK(sentences[2].find("prefill attention with heads of 128") != std::string::npos);
  CHECK(sentences[3] ==
        "extrapolating: all_reduce among 4 gpu_x was not measured; that among 2 stands in.");
  CHECK(sentences[4].find("send_recv among 2") != std::string::npos);
}

TEST_CASE("latent attention, experts, states and indices without laws are sentences",
          "[extrapolation]") {
  CHECK(said(recipe("deepseek-v3"), {256, kInside, kInside}).size() == 2);
  CHECK(
      said(recipe("qwen3-30b-a3b"), {256, kInside, kInside}).at(0).find("routed experts in bf16") !=
      std::string::npos);
  CHECK(said(recipe("deepseek-v3.2"), {256, kInside, kInside}).back().find("sparse attention") !=
        std::string::npos);
  CHECK(said(recipe("qwen3.5-27b"), {256, kInside, kInside}).back().find("recurrent state") !=
        std::string::npos);
}
