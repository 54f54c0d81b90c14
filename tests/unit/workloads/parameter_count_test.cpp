// Parameters and KV bytes of the shipped models, against the figures that their publishers give.
#include "workloads/parameter_count.hpp"

#include <utility>
#include <vector>

#include "hardware/catalog_paths.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

/// As published, in billions. `active` 0: dense. `table`: the publisher's active count has the embedding table in it.
struct Published {
  const char* model;
  double total;
  double active;
  bool table;
  double tolerance;
};

ModelSpec shipped_model(const char* name) {
  return read_model(CatalogFolder("models", "model", catalog_roots({}, ".")).find(name, {}));
}

double billions(std::int64_t parameters) { return static_cast<double>(parameters) / 1e9; }

}  // namespace

TEST_CASE("total and active parameters agree with the published ones", "[catalog]") {
  const std::vector<Published> rows{
      {"llama-2-7b", 6.74, 0, false, 0.002},
      {"llama-2-70b", 68.98, 0, false, 0.002},
      {"llama-3.1-8b", 8.03, 0, false, 0.002},
      {"llama-3.1-70b", 70.55, 0, false, 0.002},
      {"llama-3.1-405b", 405.9, 0, false, 0.002},
      {"codellama-34b", 33.74, 0, false, 0.002},
      {"qwen3-8b", 8.19, 0, false, 0.002},
      {"qwen3-14b", 14.77, 0, false, 0.002},
      {"qwen3-32b", 32.76, 0, false, 0.002},
      {"qwen3-30b-a3b", 30.5, 3.3, true, 0.02},
      {"qwen3-235b-a22b", 235.1, 22.2, true, 0.01},
      {"qwen3-coder-480b-a35b", 480.2, 35.5, true, 0.01},
      {"qwen3.5-397b-a17b", 397, 17, true, 0.02},
      {"mixtral-8x7b", 46.7, 12.9, true, 0.005},
      {"mixtral-8x22b", 140.6, 39.1, true, 0.005},
      {"deepseek-v3", 671, 36.7, false, 0.005},
      {"kimi-k2", 1026, 32, false, 0.02},
      {"glm-5", 744, 40, false, 0.02},
      {"minimax-m2.5", 229, 10, false, 0.05},  // published without a decimal
      {"gpt-oss-20b", 20.9, 3.6, false, 0.01},
      {"gpt-oss-120b", 116.8, 5.13, false, 0.01},
      {"llama-4-scout", 107.8, 17, true, 0.02},
      {"llama-4-maverick", 400.7, 17, true, 0.02},
      {"gemma-3-12b", 11.77, 0, false, 0.01},
      {"gemma-3-27b", 27.0, 0, false, 0.01},
      {"nemotron-nano-9b-v2", 8.89, 0, false, 0.005},
      {"nemotron-nano-12b-v2", 12.31, 0, false, 0.005},
      {"bloom-176b", 176.2, 0, false, 0.002},
  };
  for (const Published& row : rows) {
    INFO(row.model);
    const ModelSpec model = shipped_model(row.model);
    const ParameterCount count = parameter_count(model);
    CHECK(billions(count.total) == Approx(row.total).epsilon(row.tolerance));
    const std::int64_t table = std::int64_t{1} * model.hidden * model.vocab;
    if (row.active > 0)
      CHECK(billions(count.active + (row.table ? table : 0)) ==
            Approx(row.active).epsilon(row.tolerance));
  }
}

TEST_CASE("one token leaves in the KV cache what the architecture says", "[catalog]") {
  const auto bytes = [](const char* name, Precision kv = Precision::bf16) {
    return kv_bytes_per_token(shipped_model(name), {.kv = kv}, 1).count();
  };
  CHECK(bytes("llama-3.1-8b") == 131'072);
  CHECK(bytes("llama-3.1-70b") == 327'680);
  CHECK(bytes("llama-3.1-70b", Precision::fp8) == 163'840);
  CHECK(bytes("llama-3.1-405b") == 516'096);
  CHECK(bytes("llama-2-7b") == 524'288);
  CHECK(bytes("qwen3-235b-a22b") == 192'512);
  CHECK(bytes("deepseek-v3") == 70'272);  // 61 layers of 512 + 64 numbers
  CHECK(bytes("kimi-k2") == 70'272);
  CHECK(bytes("gpt-oss-120b") == 36'864);       // 18 of 36 layers; the others keep 128 tokens
  CHECK(bytes("qwen3.5-397b-a17b") == 30'720);  // 15 of 60 layers
  CHECK(bytes("deepseek-v3.2") > bytes("deepseek-v3"));  // and the index of each token
}

TEST_CASE("names that publishers, quantizers and benchmarks use find their model", "[catalog]") {
  for (const auto& [asked, model] : std::vector<std::pair<const char*, const char*>>{
           {"meta-llama/Llama-3.3-70B-Instruct", "llama-3.1-70b"},
           {"llama-3.3-70b", "llama-3.1-70b"},
           {"nvidia/Llama-3.1-8B-Instruct-FP8", "llama-3.1-8b"},
           {"deepseek-ai/DeepSeek-R1", "deepseek-v3"},
           {"deepseek-r1", "deepseek-v3"},
           {"nvidia/DeepSeek-R1-NVFP4", "deepseek-v3"},
           {"zhipuai/GLM-5", "glm-5"},
           {"zai-org/GLM-5.1", "glm-5"},
           {"moonshotai/Kimi-K2.5", "kimi-k2.5"},
           {"Qwen/Qwen3-235B-A22B-Thinking-2507-FP8", "qwen3-235b-a22b-2507"},
           {"nvidia/NVIDIA-Nemotron-Nano-9B-v2", "nemotron-nano-9b-v2"},
           {"llama2-70b-99.9", "llama-2-70b"}})
    CHECK(shipped_model(asked).name == model);
}
