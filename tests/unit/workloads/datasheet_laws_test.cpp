// Laws of GPUs that nobody has calibrated.
#include "workloads/step_time/datasheet_laws.hpp"

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/step_time/operator_times.hpp"

using namespace plimsoll;

namespace {

GpuSpec shipped_gpu(const char* name) { return HardwareCatalog(shipped_roots()).gpu(name, {}); }

double decode_us(const GpuSpec& gpu, double sequences, double context) {
  return decode_attention_us(sequences, context, 64, 8, device_rates(gpu),
                             datasheet_laws(gpu).decode_attention.front());
}

}  // namespace

TEST_CASE("a GPU known to sustain less of its peak multiplies more slowly", "[step_time]") {
  GpuSpec known = shipped_gpu("amd_mi300x");
  REQUIRE(known.fp8_sustained);
  GpuSpec unknown = known;
  unknown.bf16_sustained.reset();
  unknown.fp8_sustained.reset();
  for (const char* format : {"bf16", "fp8"}) {
    const double share = datasheet_laws(known).gemm.at(format).compute_efficiency;
    CHECK(share < 0.75 * datasheet_laws(unknown).gemm.at(format).compute_efficiency);
    CHECK(share > 0.3);
  }
  SECTION("where only bf16 was measured, narrower formats fare alike") {
    known.fp8_sustained.reset();
    CHECK(datasheet_laws(known).gemm.at("fp8").compute_efficiency /
              datasheet_laws(unknown).gemm.at("fp8").compute_efficiency ==
          Approx(datasheet_laws(known).gemm.at("bf16").compute_efficiency /
                 datasheet_laws(unknown).gemm.at("bf16").compute_efficiency));
  }
}

TEST_CASE("decode attention costs for its sequences and for their contexts", "[step_time]") {
  const GpuSpec gpu = shipped_gpu("nvidia_l40s");
  CHECK(decode_us(gpu, 1, 0) == Approx(12).epsilon(0.1));
  CHECK(decode_us(gpu, 1024, 0) > 20 * decode_us(gpu, 1, 0));
  const double bytes = 1e6 * 2.0 * 8 * 128 * 2;
  CHECK(decode_us(gpu, 64, 1e6) - decode_us(gpu, 64, 0) ==
        Approx(bytes / gpu.memory_bandwidth.value.count() * 1e6 / 0.9));
}

TEST_CASE("short prompts reach less of the compute rate than long ones", "[step_time]") {
  const GpuSpec gpu = shipped_gpu("amd_mi300x");
  const PrefillAttentionLaw law = datasheet_laws(gpu).prefill_attention.front();
  const auto per_pair = [&](double tokens) {
    return prefill_attention_us(tokens, 64, 0, device_rates(gpu), law) / (tokens * tokens);
  };
  CHECK(per_pair(256) > 2 * per_pair(1024));
  CHECK(per_pair(16384) == Approx(per_pair(8192)));
}
