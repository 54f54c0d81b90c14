#include "workloads/step_time/datasheet_laws.hpp"

#include <algorithm>
#include <array>

#include "core/portable_math.hpp"
#include "workloads/step_time/device_rates.hpp"

namespace plimsoll {
namespace {

// Best single rooflines over the GEMMs of aiconfigurator: A100 0.90 and 0.75 of the peak rates,
// H100 0.80 and 0.85, B200 0.70 and 0.80, L40S 0.65 and 0.80, launch 2 to 5 us; in fp8 above 1
// TFLOP 0.51 to 0.58.
constexpr double kBf16Share = 0.80;
constexpr double kLowPrecisionShare = 0.55;
constexpr double kMemoryShare = 0.80;
constexpr double kGemmLaunchUs = 3;
constexpr double kSharpness = 3;
// What those GPUs sustain in the best matrix product of a wide search (mamf-finder): bf16 0.776 to
// 0.869 of the peak, fp8 0.709 to 0.763. One that sustains less reaches less of the shares here.
constexpr double kBf16Sustained = 0.80;
constexpr double kLowPrecisionSustained = 0.73;
// Prefill attention by tokens of the prompt, 64 heads of 128, A100 to GB200: 0.03 to 0.20, 0.06 to
// 0.22, 0.22 to 0.39, 0.49 to 0.62.
constexpr std::array kPrefillTokens{128.0, 256.0, 1024.0, 8192.0};
constexpr std::array kPrefillShares{0.06, 0.13, 0.30, 0.55};
constexpr double kLatentPrefillShare = 0.50;
constexpr double kAttentionBaseUs = 12;
// The same GPUs' decode attention takes longer the more sequences and heads it has, as if each head
// of a sequence were 6 to 8 KB of traffic, and reads the KV cache of 64 to 1,024 sequences at 0.66
// to 1.07 of the peak bandwidth in bf16 and 0.30 to 1.01 in fp8.
constexpr double kHeadBytes = 8e3;
constexpr double kKvReadShare = 0.90;
constexpr double kFp8KvReadShare = 0.75;
// Routed experts: 0.15 to 0.4 of the compute rate, 0.8 of the bandwidth, 20 to 40 us.
constexpr double kMixtureShare = 0.3;
constexpr double kMixtureLaunchUs = 30;
// All-reduces of 2 to 8 GPUs: latency 4.3 to 8.5 us, wire bytes at 0.60 to 0.84 of NVLink's rate in
// one direction (A100, H100, B200).
constexpr double kCollectiveLatencyUs = 5.5;
constexpr double kLinkShare = 0.65;

FitQuality assumed() {
  return {
      .source =
          "shares of datasheet rates that other GPUs reach (aiconfigurator 095f58a: A100, H100, "
          "H200, B200, L40S)",
      .median_error = 0.25,
      .p90_error = 0.7};
}

FittedGrid constant(std::string first, std::string second, double value) {
  return {{{std::move(first), {1}}, {std::move(second), {1}}}, {portable::log(value)}};
}

/// What a GPU sustains of its peaks, relative to what those of the shares above do; 1 where nothing
/// is known of it. A format without a figure is taken to fare as bf16.
struct Sustained {
  double bf16 = 1;
  double low_precision = 1;

  double of(bool full) const { return full ? bf16 : low_precision; }
};

Sustained sustained_by(const GpuSpec& gpu) {
  Sustained relative;
  if (gpu.bf16_sustained)
    relative.bf16 =
        gpu.bf16_sustained->value.count() / gpu.bf16_dense.value.count() / kBf16Sustained;
  relative.low_precision =
      gpu.fp8_sustained && gpu.fp8_dense
          ? gpu.fp8_sustained->value.count() / gpu.fp8_dense->value.count() / kLowPrecisionSustained
          : relative.bf16;
  return relative;
}

FittedGrid decode_base(BytesPerSecond memory) {
  FittedGrid grid{{{"sequences", {1, 16, 64, 256, 1024, 4096}}, {"heads", {1, 8, 32, 128}}}, {}};
  for (const double sequences : grid.axes[0].knots)
    for (const double heads : grid.axes[1].knots)
      grid.log_factors.push_back(
          portable::log(kAttentionBaseUs + sequences * heads * kHeadBytes / memory.count() * 1e6));
  return grid;
}

FittedGrid prefill_slowdown(double sustained) {
  FittedGrid grid{{{"tokens", {kPrefillTokens.begin(), kPrefillTokens.end()}}, {"heads", {1}}}, {}};
  for (const double share : kPrefillShares)
    grid.log_factors.push_back(-portable::log(share * sustained));
  return grid;
}

void add_attention(const char* kv, double read_share, const DeviceRates& rates, double sustained,
                   OperatorLaws& laws) {
  DecodeAttentionLaw& decode = laws.decode_attention.emplace_back();
  decode.kind.kv = kv;
  decode.base_us = decode_base(rates.memory);
  decode.read = constant("sequences", "kv_heads", 1 / read_share);
  decode.quality = assumed();
  PrefillAttentionLaw& prefill = laws.prefill_attention.emplace_back();
  prefill.kind.kv = kv;
  prefill.base_us = kAttentionBaseUs;
  prefill.slowdown = prefill_slowdown(sustained);
  prefill.quality = assumed();
  LatentAttentionLaw& latent = laws.latent_attention.emplace_back();
  latent.kv = kv;
  latent.decode_base_us = constant("sequences", "heads", kAttentionBaseUs);
  latent.decode_read = constant("sequences", "heads", 1 / kMemoryShare);
  latent.prefill_base_us = kAttentionBaseUs;
  latent.prefill_slowdown = constant("tokens", "heads", 1 / (kLatentPrefillShare * sustained));
  latent.quality = assumed();
}

}  // namespace

OperatorLaws datasheet_laws(const GpuSpec& gpu) {
  OperatorLaws laws;
  const DeviceRates rates = device_rates(gpu);
  const Sustained sustained = sustained_by(gpu);
  for (const Precision precision : {Precision::bf16, Precision::fp8, Precision::fp8_block,
                                    Precision::nvfp4, Precision::mxfp4, Precision::int4}) {
    if (rates.of(precision).count() <= 0) continue;
    const bool full = rates.of(precision) == rates.bf16;
    const std::string name(precision_name(precision));
    laws.gemm[name] = {
        .compute_efficiency = (full ? kBf16Share : kLowPrecisionShare) * sustained.of(full),
        .memory_efficiency = kMemoryShare,
        .sharpness = kSharpness,
        .launch_us = kGemmLaunchUs,
        .grid = {},
        .quality = assumed()};
    laws.mixture[name] = {.compute_efficiency = kMixtureShare * sustained.of(full),
                          .memory_efficiency = kMemoryShare,
                          .sharpness = kSharpness,
                          .launch_us = kMixtureLaunchUs,
                          .grid = {},
                          .skew = {},
                          .quality = assumed()};
  }
  add_attention("bf16", kKvReadShare, rates, sustained.bf16, laws);
  add_attention("fp8", kFp8KvReadShare, rates, sustained.bf16, laws);
  return laws;
}

Calibration datasheet_calibration(const GpuSpec& gpu) {
  Calibration calibration;
  calibration.name = gpu.name;
  calibration.level = kDatasheetLevel;
  calibration.command = "none";
  calibration.laws = datasheet_laws(gpu);
  calibration.errors.push_back(
      {.level = std::string(kDatasheetLevel),
       .median = 0.35,
       .p90 = 0,
       .rows = 0,
       .range = "no measurement of this GPU",
       .source = "expected: single rooflines miss measured GEMMs of other GPUs by a median of 8 to "
                 "23 % and a 90th percentile of 26 to 70 %, steps by 20 to 50 %"});
  return calibration;
}

OperatorLaws completed_laws(OperatorLaws laws, const GpuSpec& gpu) {
  OperatorLaws datasheet = datasheet_laws(gpu);
  laws.gemm.merge(datasheet.gemm);
  laws.mixture.merge(datasheet.mixture);
  if (laws.latent_attention.empty()) laws.latent_attention = datasheet.latent_attention;
  return laws;
}

// Wire bytes per GPU of ring algorithms: an all-reduce moves each byte twice, others once.
double datasheet_collective_us(std::string_view operation, double gpus, double bytes,
                               BytesPerSecond link) {
  const double passes = operation == "all_reduce" ? 2.0 : 1.0;
  const double share = operation == "send_recv" ? 1.0 : (gpus - 1) / gpus;
  return kCollectiveLatencyUs + passes * share * bytes / (kLinkShare * link.count()) * 1e6;
}

}  // namespace plimsoll
