// The terms of a step, one by one, against sums made by hand on a GPU of round numbers.
#include "workloads/step_time/replica_operators.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/step_time/operator_times.hpp"

using namespace plimsoll;

namespace {

FittedGrid flat(const char* first, const char* second, double value) {
  return {{{first, {1}}, {second, {1}}}, {std::log(value)}};
}

/// 1 TFLOP/s in bf16 (2 in fp8), 1 GB/s of memory, 1 GB/s of link: a flop is 1e-6 us, a byte 1e-3 us.
constexpr DeviceRates kRound{.bf16 = FlopPerSecond{1e12},
                             .fp8 = FlopPerSecond{2e12},
                             .fp4 = FlopPerSecond{4e12},
                             .memory = BytesPerSecond{1e9},
                             .link = BytesPerSecond{1e9}};
constexpr double kPerFlop = 1e-6;
constexpr double kPerByte = 1e-3;

/// Sharp rooflines without launches or corrections, so that sums can be made by hand.
OperatorLaws round_laws() {
  OperatorLaws laws;
  for (const char* precision : {"bf16", "fp8", "nvfp4", "mxfp4"}) {
    laws.gemm[precision] = {.sharpness = 100, .grid = {}, .quality = {}};
    laws.mixture[precision] = {.sharpness = 100, .grid = {}, .skew = {}, .quality = {}};
  }
  DecodeAttentionLaw& decode = laws.decode_attention.emplace_back();
  decode.base_us = flat("sequences", "heads", 7);
  PrefillAttentionLaw& prefill = laws.prefill_attention.emplace_back();
  prefill.base_us = 5;
  LatentAttentionLaw& latent = laws.latent_attention.emplace_back();
  latent.decode_base_us = flat("sequences", "heads", 3);
  latent.prefill_base_us = 2;
  laws.elementwise_memory_efficiency = 1;
  return laws;
}

/// 2 layers, 8 heads of 16 and 4 KV heads, hidden 128, MLP 256, 1000 words.
ModelSpec tiny() {
  return {.name = "tiny",
          .layers = 2,
          .hidden = 128,
          .heads = 8,
          .kv_heads = 4,
          .head_dim = 16,
          .intermediate = 256,
          .vocab = 1000,
          .max_context = 4096};
}

ReplicaRecipe recipe(const ModelSpec& model) {
  return {.model = model, .rates = kRound, .laws = round_laws()};
}

/// Bytes of an (m x k)(k x n) product in bf16.
double product_bytes(double m, double n, double k) { return 2 * (n * k + m * k + m * n); }

}  // namespace

TEST_CASE("a matrix product takes its bytes or its flops, whichever take longer", "[operators]") {
  const GemmLaw law = round_laws().gemm.at("bf16");
  CHECK(gemm_us({1, 1000, 1000}, Precision::bf16, kRound, law) ==
        Approx(product_bytes(1, 1000, 1000) * kPerByte).epsilon(1e-4));
  CHECK(gemm_us({100'000, 1000, 1000}, Precision::bf16, kRound, law) > 2e11 * kPerFlop);
  // Two-byte weights against one-byte and four-bit ones, scales included; inputs likewise, outputs are bf16.
  CHECK(gemm_us({1, 1000, 1000}, Precision::fp8, kRound, law) ==
        Approx((1'001'000 + 2000) * kPerByte).epsilon(1e-4));
  CHECK(gemm_us({1, 1000, 1000}, Precision::nvfp4, kRound, law) ==
        Approx((1'001'000 * 0.5625 + 2000) * kPerByte).epsilon(1e-4));
  CHECK(gemm_us({1, 1000, 1000}, Precision::mxfp4, kRound, law) ==
        Approx((1'000'000 * 0.53125 + 4000) * kPerByte).epsilon(1e-4));
}

TEST_CASE("a law's grid multiplies roofline and launch", "[operators]") {
  GemmLaw law = round_laws().gemm.at("bf16");
  law.launch_us = 10;
  const double plain = gemm_us({1, 100, 100}, Precision::bf16, kRound, law);
  law.grid = {{{"m", {1}}, {"n", {1}}, {"k", {1}}}, {std::log(3.0)}};
  CHECK(gemm_us({1, 100, 100}, Precision::bf16, kRound, law) == Approx(3 * plain));
}

TEST_CASE("the dense part is the sum of a layer's products, elementwise traffic included",
          "[operators]") {
  const ReplicaOperators operators(recipe(tiny()));
  const double m = 4;
  const double products = product_bytes(m, 256, 128) + product_bytes(m, 128, 128) +
                          product_bytes(m, 512, 128) + product_bytes(m, 128, 256);
  const double elementwise = m * 2 * (8 * 128 + 3 * 256 + 2 * 256);
  CHECK(operators.dense(m) == Approx(2 * (products + elementwise) * kPerByte).epsilon(1e-4));
  CHECK(operators.head(3) ==
        Approx((product_bytes(3, 1000, 128) + 10 * 1000 * 3) * kPerByte).epsilon(1e-4));
  CHECK(operators.head(0) == 0);
}

TEST_CASE("cutting a model among ranks never changes its flops", "[operators]") {
  for (const char* name : {"llama-3.1-70b", "qwen3-235b-a22b", "deepseek-v3", "gpt-oss-120b"}) {
    const ModelSpec model = shipped_model(name);
    const auto weights = [&](std::int32_t ranks) {
      double sum = 0;
      for (const LayerMatrix& matrix : layer_matrices(model, {}, ranks)) {
        // Routers, and the down-projections of latent attention, are on each rank in full.
        const auto& latent = model.latent_attention;
        const bool whole =
            (model.mixture && matrix.n == model.mixture->experts) ||
            (latent && matrix.n == latent->query_rank + latent->kv_rank + latent->rope_dim);
        sum += static_cast<double>(matrix.n * matrix.k) * matrix.layers * (whole ? 1 : ranks);
      }
      return sum;
    };
    CHECK(weights(4) == Approx(weights(1)).epsilon(0.002));
  }
}

TEST_CASE("the products of a model hold its weights, but experts, embeddings and head",
          "[operators]") {
  const ModelSpec model = shipped_model("llama-3.1-8b");
  double sum = 0;
  for (const LayerMatrix& matrix : layer_matrices(model, {}, 1))
    sum += static_cast<double>(matrix.n * matrix.k) * matrix.layers;
  const double others = 2.0 * model.vocab * model.hidden;
  CHECK(2 * (sum + others) ==
        Approx(static_cast<double>(weight_bytes(model, {}).count())).epsilon(0.001));
}

TEST_CASE("decoding reads each KV token once per layer and rank", "[operators]") {
  const ReplicaOperators operators(recipe(tiny()));
  CHECK(operators.attention().base(4) == Approx(2 * 7));
  CHECK(operators.attention().growing(4) == Approx(2 * (2 * 4 * 16 * 2) * kPerByte));
  CHECK(operators.attention().capped(4) == 0);
  ReplicaRecipe fp8 = recipe(tiny());
  fp8.quantization.kv = Precision::fp8;
  CHECK(ReplicaOperators(fp8).attention().growing(4) == Approx(2 * (2 * 4 * 16) * kPerByte));
  ReplicaRecipe cut = recipe(tiny());
  cut.parallelism.tensor = 8;  // more ranks than KV heads: each keeps one
  CHECK(ReplicaOperators(cut).attention().growing(4) == Approx(2 * (2 * 1 * 16 * 2) * kPerByte));
}

TEST_CASE("a prompt attends to half the square of its tokens, a window to so many each",
          "[operators]") {
  CHECK(attended_pairs(100, 0) == 5000);
  CHECK(attended_pairs(100, 200) == 5000);
  CHECK(attended_pairs(100, 10) == 950);  // 10 of 100 tokens, less the triangle of the first ten
  const ReplicaOperators operators(recipe(tiny()));
  CHECK(operators.attention().prefill_base() == 2 * 5);
  CHECK(operators.attention().prompt(1000) == Approx(2 * 4 * 500'000.0 * 8 * 16 * kPerFlop));
  CHECK(operators.attention().cached() == Approx(operators.attention().growing(1)));
}

TEST_CASE("layers with a window read no more than the window of each sequence", "[operators]") {
  ModelSpec model = tiny();
  model.window = {.tokens = 128, .layers = 1};
  const ReplicaOperators operators(recipe(model));
  const double per_layer = 2 * 4 * 16 * 2 * kPerByte;
  CHECK(operators.attention().cap() == 128);
  CHECK(operators.attention().growing(2) == Approx(per_layer));
  CHECK(operators.attention().capped(2) == Approx(per_layer));
}

TEST_CASE("latent attention keeps one vector per token, whatever the ranks", "[operators]") {
  ModelSpec model = tiny();
  model.latent_attention = {
      .query_rank = 32, .kv_rank = 64, .nope_dim = 16, .rope_dim = 8, .value_dim = 16};
  for (const std::int32_t ranks : {1, 4}) {
    ReplicaRecipe cut = recipe(model);
    cut.parallelism.tensor = ranks;
    const ReplicaOperators operators(cut);
    CHECK(operators.attention().base(2) == Approx(2 * 3));
    CHECK(operators.attention().growing(2) == Approx(2 * (64 + 8) * 2 * kPerByte));
    CHECK(operators.attention().prompt(100) ==
          Approx(2 * 10'000.0 * 8 / ranks * (16 + 8 + 16) * kPerFlop));
  }
  const auto matrices = layer_matrices(model, {}, 2);
  CHECK(matrices[0] == LayerMatrix{32 + 64 + 8, 128, Precision::bf16, 2});
  CHECK(matrices[1] == LayerMatrix{4 * 24, 32, Precision::bf16, 2});
  CHECK(matrices[2] == LayerMatrix{4 * 32, 64, Precision::bf16, 2});
  CHECK(matrices[3] == LayerMatrix{128, 4 * 16, Precision::bf16, 2});
}

TEST_CASE("an index reads all of the context, and attention the tokens that it picks",
          "[operators]") {
  ModelSpec model = tiny();
  model.latent_attention = {
      .query_rank = 32, .kv_rank = 64, .nope_dim = 16, .rope_dim = 8, .value_dim = 16};
  model.sparse_attention = {.top_k = 256, .index_heads = 4, .index_dim = 32};
  const ReplicaOperators operators(recipe(model));
  CHECK(operators.attention().cap() == 256);
  CHECK(operators.attention().growing(1) == Approx(2 * 36 * kPerByte));
  CHECK(operators.attention().capped(1) == Approx(2 * (64 + 8) * 2 * kPerByte));
}

TEST_CASE("a recurrent state is read and written once per sequence, whatever its context",
          "[operators]") {
  ModelSpec model = tiny();
  model.linear_attention = {
      .layers = 1, .key_heads = 2, .value_heads = 4, .key_dim = 16, .value_dim = 16};
  const ReplicaOperators operators(recipe(model));
  CHECK(operators.attention().base(3) == Approx(7 + 3 * 2 * (4 * 16 * 16) * 4 * kPerByte));
  CHECK(operators.attention().growing(3) == Approx(2 * 4 * 16 * 2 * kPerByte));
}

TEST_CASE("few tokens read the experts that they hit, many tokens all of them", "[operators]") {
  MixtureLaw law = round_laws().mixture.at("bf16");
  const MixtureShape one{.tokens = 1,
                         .experts = 8,
                         .experts_per_token = 2,
                         .local_experts = 8,
                         .width = 32,
                         .hidden = 64};
  const double expert_bytes = 3 * 64 * 32 * 2;
  CHECK(mixture_us(one, Precision::bf16, kRound, law) ==
        Approx(2 * expert_bytes * kPerByte).epsilon(1e-4));
  MixtureShape many = one;
  many.tokens = 1000;
  CHECK(mixture_us(many, Precision::bf16, kRound, law) ==
        Approx(8 * expert_bytes * kPerByte).epsilon(1e-4));
  MixtureShape half = many;  // expert parallelism: half of the experts are here
  half.local_experts = 4;
  CHECK(mixture_us(half, Precision::bf16, kRound, law) ==
        Approx(4 * expert_bytes * kPerByte).epsilon(1e-4));
  law.skew = {{{"rows", {1}}, {"experts", {1}}}, {std::log(1.5)}};
  CHECK(mixture_skew(many, law) == Approx(1.5));
  law.skew = {{{"rows", {1}}, {"experts", {1}}}, {std::log(0.9)}};
  CHECK(mixture_skew(many, law) == Approx(0.9));
}

TEST_CASE("experts see the tokens of all attention ranks", "[operators]") {
  ModelSpec model = tiny();
  model.mixture = {.experts = 8, .experts_per_token = 2, .intermediate = 32};
  model.intermediate = 0;
  ReplicaRecipe spread = recipe(model);
  spread.laws.mixture.at("bf16").launch_us = 0;
  const double alone = ReplicaOperators(spread).dense(1);
  spread.parallelism = {.tensor = 1, .expert = 4, .data = 4};
  const ReplicaOperators operators(spread);
  // 4 tokens at 2 of 8 experts: 1 - (3/4)^4 of the two local experts, in place of 2 experts of 8.
  const double expert = 3 * 128 * 32 * 2 * kPerByte;
  const double exchange = Communication(model, spread.parallelism, kRound, {}).layers_us(1);
  CHECK(operators.dense(1) - exchange ==
        Approx(alone + 2 * expert * (2 * (1 - std::pow(0.75, 4)) - 2)).epsilon(1e-3));
}

TEST_CASE("each layer ends in two all-reduces, by the law's table and in proportion beyond",
          "[operators]") {
  CollectiveLaw law{.operation = "all_reduce",
                    .gpus = 2,
                    .time_us = {{{"bytes", {1000, 10'000}}}, {std::log(5.0), std::log(50.0)}},
                    .quality = {}};
  const Communication communication(tiny(), {.tensor = 2}, kRound, {law});
  CHECK(communication.layers_us(10) == Approx(2 * 2 * 5 * 2.56).epsilon(1e-6));
  CHECK(communication.layers_us(1000) == Approx(2 * 2 * 50 * 25.6).epsilon(1e-6));
  CHECK(Communication(tiny(), {}, kRound, {law}).layers_us(10) == 0);
}

TEST_CASE("a measured layer curve replaces the products of its model and cut alone",
          "[operators]") {
  ReplicaRecipe measured = recipe(tiny());
  const double summed = ReplicaOperators(measured).dense(8);
  measured.laws.layer_curves.push_back(
      {.model = "tiny",
       .tensor = 1,
       .layer_us = {{{"tokens", {1, 16}}}, {std::log(10.), std::log(20.)}},
       .experts_us = {},
       .head_us = {{{"sequences", {1, 2}}}, {std::log(4.), std::log(8.)}},
       .quality = {}});
  const ReplicaOperators operators(measured);
  CHECK(operators.dense(16) == Approx(2 * 20));
  CHECK(operators.dense(32) == Approx(2 * 40));  // in proportion beyond
  CHECK(operators.head(2) == Approx(8));
  measured.parallelism.tensor = 2;
  CHECK(ReplicaOperators(measured).dense(16) > 40);
  measured.parallelism.tensor = 1;
  measured.dtype = "fp8";
  CHECK(ReplicaOperators(measured).dense(8) == summed);
}

TEST_CASE("LoRA adapters slow the matrix products, each a little", "[operators]") {
  CHECK(lora_factor(0) == 1);
  CHECK(lora_factor(1) > 1.2);
  CHECK(lora_factor(16) - lora_factor(8) == Approx(8 * 0.008));
  ReplicaRecipe adapted = recipe(tiny());
  const double plain = ReplicaOperators(adapted).dense(8);
  adapted.lora_adapters = 8;
  CHECK(ReplicaOperators(adapted).dense(8) == Approx(plain * lora_factor(8)));
}
