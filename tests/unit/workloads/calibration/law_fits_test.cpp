// Laws are found again from measurements made with them; what cannot be fitted is not.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/calibration/operator_calibration.hpp"

using namespace plimsoll;

namespace {

DeviceRates rates() {
  DeviceRates rates;
  rates.bf16 = FlopPerSecond{1e15};
  rates.fp8 = FlopPerSecond{2e15};
  rates.memory = BytesPerSecond{4e12};
  return rates;
}

Measurements with_set(const std::string& backend = "vllm 1.0") {
  Measurements measurements;
  measurements.set({"table.csv", "somewhere@1, MIT", backend, "kernel"});
  return measurements;
}

GemmLaw known_gemm() {
  GemmLaw law;
  law.compute_efficiency = 0.7;
  law.memory_efficiency = 0.8;
  law.sharpness = 2.5;
  law.launch_us = 4;
  return law;
}

/// Products of many shapes under a law, at least `floor_us` each.
void add_gemm(Measurements& measurements, Precision precision, const GemmLaw& law,
              double floor_us = 0) {
  for (const std::int64_t m : {1, 16, 64, 256, 1024, 4096, 16384})
    for (const std::int64_t n : {64, 512, 2048, 8192, 32768})
      for (const std::int64_t k : {64, 512, 2048, 8192, 32768}) {
        const GemmShape shape{m, n, k};
        const double us = std::max(floor_us, gemm_us(shape, precision, rates(), law));
        measurements.gemm.push_back({precision, shape, us, 0});
      }
}

const ModelLookup kNoModels = [](const std::string&) { return std::nullopt; };

}  // namespace

TEST_CASE("a matrix product's law is found again", "[calibration]") {
  Measurements measurements = with_set();
  add_gemm(measurements, Precision::bf16, known_gemm());
  const auto laws = fit_gemm(measurements, rates());
  REQUIRE(laws.size() == 1);
  const GemmLaw& law = laws.at("bf16");
  CHECK(law.quality.rows == 175);
  CHECK(law.quality.median_error < 0.01);
  CHECK(law.quality.source == "somewhere@1, MIT: table.csv (vllm 1.0 kernel)");
  const GemmShape unseen{300, 1280, 8192};
  CHECK(gemm_us(unseen, Precision::bf16, rates(), law) ==
        Approx(gemm_us(unseen, Precision::bf16, rates(), known_gemm())).epsilon(0.02));
}

TEST_CASE("of several kernels the fastest at each shape counts", "[calibration]") {
  Measurements measurements = with_set();
  add_gemm(measurements, Precision::bf16, known_gemm());
  GemmLaw slower = known_gemm();
  slower.launch_us = 40;
  add_gemm(measurements, Precision::bf16, slower);
  CHECK(fit_gemm(measurements, rates()).at("bf16").quality.rows == 175);
}

TEST_CASE("times of the host say nothing about the GPU", "[calibration]") {
  Measurements measurements = with_set();
  add_gemm(measurements, Precision::fp8, known_gemm());
  add_gemm(measurements, Precision::fp8_block, known_gemm(), 100);
  const auto laws = fit_gemm(measurements, rates());
  const GemmLaw& blocks = laws.at("fp8_block");
  CHECK(blocks.quality.rows < 100);
  CHECK(blocks.quality.source.find("rows whose time is the host's left out") != std::string::npos);
  const GemmShape small{16, 2048, 2048};
  CHECK(gemm_us(small, Precision::fp8_block, rates(), blocks) < 15);
}

TEST_CASE("decode attention's base and read are found again", "[calibration]") {
  Measurements measurements = with_set();
  DecodeAttentionLaw known;
  known.base_us = {{{"sequences", {1, 256}}, {"heads", {8, 64}}},
                   {std::log(10), std::log(12), std::log(20), std::log(30)}};
  known.read = {{{"sequences", {1, 256}}, {"kv_heads", {1, 8}}},
                {std::log(1.5), std::log(1.4), std::log(1.1), std::log(1.0)}};
  for (const double n : {1., 4., 16., 64., 256.})
    for (const double kv : {1., 2., 4., 8.})
      for (const double group : {4., 8.})
        for (const double tokens : {16., 256., 1024., 4096., 16384.}) {
          AttentionRow& row = measurements.decode.emplace_back();
          row.sequences = n;
          row.tokens = tokens;
          row.heads = kv * group;
          row.kv_heads = kv;
          row.us = decode_attention_us(n, n * tokens, row.heads, kv, rates(), known);
        }
  const auto laws = fit_decode_attention(measurements, rates());
  REQUIRE(laws.size() == 1);
  CHECK(laws[0].most_context == 16384);
  CHECK(laws[0].quality.median_error < 0.03);
  CHECK(decode_attention_us(32, 32 * 2000, 32, 8, rates(), laws[0]) ==
        Approx(decode_attention_us(32, 32 * 2000, 32, 8, rates(), known)).epsilon(0.03));
}

TEST_CASE("a collective's law is the fastest of the newest versions", "[calibration]") {
  Measurements measurements;
  const auto old = measurements.set({"a.csv", "", "vllm 0.9.0", "graph"});
  const auto newer = measurements.set({"a.csv", "", "vllm 0.10.0", "graph"});
  const auto nccl = measurements.set({"b.csv", "", "nccl 2.27", "NCCL"});
  const auto other = measurements.set({"c.csv", "", "trtllm 1.0", "TRTLLM"});
  for (double bytes = 1024; bytes < 1e9; bytes *= 4) {
    measurements.collectives.push_back({"all_reduce", 8, bytes, 1, old});
    measurements.collectives.push_back({"all_reduce", 8, bytes, 5 + bytes / 1e5, newer});
    measurements.collectives.push_back({"all_reduce", 8, bytes, 20 + bytes / 4e5, nccl});
    measurements.collectives.push_back({"all_reduce", 8, bytes, 0.5, other});
  }
  const auto laws = fit_collectives(measurements);
  REQUIRE(laws.size() == 1);
  CHECK(extended_us(laws[0].time_us, 1024) == Approx(5 + 1024 / 1e5).epsilon(1e-6));
  CHECK(extended_us(laws[0].time_us, 1024. * (1 << 18)) ==
        Approx(20 + 1024. * (1 << 18) / 4e5).epsilon(1e-6));
}

TEST_CASE("power's logistic is found again, of four batch sizes or more", "[calibration]") {
  Measurements measurements = with_set();
  for (double batch = 8; batch <= 1024; batch *= 2) {
    const double watts = 400 + 250 / (1 + std::exp(-(std::log2(batch) - 6)));
    measurements.power.push_back({{"Maker/Some-Model", "fp8", 4}, batch, watts, 0});
    if (batch < 64) measurements.power.push_back({{"Maker/Other", "fp8", 4}, batch, watts, 0});
  }
  const auto power = fit_power(measurements, kNoModels);
  REQUIRE(power.size() == 1);
  CHECK(power[0].model == "some-model");
  CHECK(power[0].quality.median_error < 0.01);
  CHECK((power[0].floor + power[0].range).count() == Approx(650).epsilon(0.05));
}

TEST_CASE("too few rows make no law, and none at all is an error", "[calibration]") {
  Measurements measurements = with_set();
  measurements.gemm.push_back({Precision::bf16, {1, 64, 64}, 4, 0});
  CHECK(fit_gemm(measurements, rates()).empty());
  HardwareCatalog hardware(shipped_roots());
  const GpuSpec gpu = hardware.gpu("nvidia_h100_sxm", {});
  CHECK_THROWS_AS(calibrate_operators(measurements, gpu, kNoModels, {}), ConfigError);
}

TEST_CASE("laws without measurements stay the datasheet's and say so", "[calibration]") {
  Measurements measurements = with_set();
  add_gemm(measurements, Precision::bf16, known_gemm());
  HardwareCatalog hardware(shipped_roots());
  const GpuSpec gpu = hardware.gpu("nvidia_h100_sxm", {});
  const Calibration calibration = calibrate_operators(measurements, gpu, kNoModels, {});
  CHECK(calibration.level == kOperatorLevel);
  CHECK(calibration.laws.gemm.at("bf16").quality.rows == 175);
  CHECK(calibration.laws.gemm.at("fp8").quality.rows == 0);
  CHECK(calibration.laws.decode_attention.at(0).quality.rows == 0);
}

TEST_CASE("a quantized format slower than bf16 takes the law of weights as wide", "[calibration]") {
  Measurements measurements = with_set();
  for (const double tokens : {1., 4., 16., 64., 256., 1024., 4096.})
    for (const auto& [precision, us] :
         {std::pair{Precision::bf16, 100.}, {Precision::fp8, 200.}, {Precision::fp8_block, 60.}})
      measurements.mixture.push_back(
          {precision, {tokens, 128, 8, 128, 768, 2048}, 0, us + tokens / 16, 0});
  const auto laws = fit_mixture(measurements, rates());
  const MixtureShape shape{64, 128, 8, 128, 768, 2048};
  CHECK(mixture_us(shape, Precision::fp8, rates(), laws.at("fp8")) ==
        Approx(mixture_us(shape, Precision::fp8, rates(), laws.at("fp8_block"))));
  CHECK(laws.at("fp8").quality.source.find("took longer than bf16's") != std::string::npos);
  CHECK(laws.at("fp8_block").quality.source.find("took longer") == std::string::npos);
}

TEST_CASE("profiled experts are a mixture of those that were activated", "[calibration]") {
  Measurements measurements = with_set();
  LayerRow& row = measurements.layers.emplace_back();
  row.part = LayerRow::Part::experts;
  row.count = 128;
  row.activated = 64;
  row.us = 450;
  const ModelLookup models = [](const std::string&) {
    ModelSpec model;
    model.hidden = 2048;
    model.mixture = MixtureSpec{};
    model.mixture->experts_per_token = 8;
    model.mixture->intermediate = 768;
    return std::optional(model);
  };
  add_mixture_rows(measurements, models);
  REQUIRE(measurements.mixture.size() == 1);
  CHECK(measurements.mixture[0].shape.local_experts == 64);
  CHECK(measurements.mixture[0].shape.rows() == 16);
  CHECK(measurements.mixture[0].us == 450);
}
