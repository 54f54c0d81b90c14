// What is said of operators that nobody measured, or not so large.
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
  reduce.time_us = {{{"bytes", {1, 2}}}, {0, 0}};
  return laws;
}

std::vector<std::string> said(const ReplicaRecipe& recipe, const StepShape& shape) {
  return step_time_extrapolations(recipe, measured(), shape, "gpu_x");
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

TEST_CASE("each limit beyond a law's last knot is a sentence", "[extrapolation]") {
  const std::vector<std::string> beyond = said(recipe("llama-3.1-8b"), {512, 16384, 131072});
  REQUIRE(beyond.size() == 4);
  CHECK(beyond[0] ==
        "extrapolating: rows of matrix products in bf16 of 16384 beyond 8192 measured on gpu_x.");
  CHECK(beyond[1] == "extrapolating: decode attention of 512 beyond 256 measured on gpu_x.");
  CHECK(beyond[2] == "extrapolating: contexts of 131072 tokens beyond 65536 measured on gpu_x.");
  CHECK(beyond[3] == "extrapolating: prefill of 131072 beyond 8192 measured on gpu_x.");
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
