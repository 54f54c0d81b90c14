#include "workloads/step_time/datasheet_laws.hpp"

#include <algorithm>

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
// Prefill attention above 0.5 TFLOP: H100 and H200 0.53, B200 0.42, A100 0.54, L40S 0.47.
constexpr double kPrefillShare = 0.50;
constexpr double kAttentionBaseUs = 12;
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

void add_attention(const char* kv, OperatorLaws& laws) {
  DecodeAttentionLaw& decode = laws.decode_attention.emplace_back();
  decode.kind.kv = kv;
  decode.base_us = constant("sequences", "heads", kAttentionBaseUs);
  decode.quality = assumed();
  PrefillAttentionLaw& prefill = laws.prefill_attention.emplace_back();
  prefill.kind.kv = kv;
  prefill.base_us = kAttentionBaseUs;
  prefill.slowdown = constant("tokens", "heads", 1 / kPrefillShare);
  prefill.quality = assumed();
  LatentAttentionLaw& latent = laws.latent_attention.emplace_back();
  latent.kv = kv;
  latent.decode_base_us = constant("sequences", "heads", kAttentionBaseUs);
  latent.decode_read = constant("sequences", "heads", 1 / kMemoryShare);
  latent.prefill_base_us = kAttentionBaseUs;
  latent.prefill_slowdown = constant("tokens", "heads", 1 / kPrefillShare);
  latent.quality = assumed();
}

}  // namespace

OperatorLaws datasheet_laws(const GpuSpec& gpu) {
  OperatorLaws laws;
  const DeviceRates rates = device_rates(gpu);
  for (const Precision precision : {Precision::bf16, Precision::fp8, Precision::fp8_block,
                                    Precision::nvfp4, Precision::mxfp4, Precision::int4}) {
    if (rates.of(precision).count() <= 0) continue;
    const bool full = rates.of(precision) == rates.bf16;
    const std::string name(precision_name(precision));
    laws.gemm[name] = {.compute_efficiency = full ? kBf16Share : kLowPrecisionShare,
                       .memory_efficiency = kMemoryShare,
                       .sharpness = kSharpness,
                       .launch_us = kGemmLaunchUs,
                       .grid = {},
                       .quality = assumed()};
    laws.mixture[name] = {.compute_efficiency = kMixtureShare,
                          .memory_efficiency = kMemoryShare,
                          .sharpness = kSharpness,
                          .launch_us = kMixtureLaunchUs,
                          .grid = {},
                          .skew = {},
                          .quality = assumed()};
  }
  for (const char* kv : {"bf16", "fp8"}) add_attention(kv, laws);
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
