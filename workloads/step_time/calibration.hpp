// Fitted constants of one GPU type: what turns datasheet rates into times of operators.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/catalog_folder.hpp"

namespace plimsoll {

using Seconds = std::chrono::duration<double>;
constexpr Seconds microseconds(double count) { return Seconds{count * 1e-6}; }

/// A soft roofline: time = (compute^q + memory^q)^(1/q) + launch, each side at its share of the datasheet's rate.
struct GemmCoefficients {
  double compute_efficiency = 0;
  double memory_efficiency = 0;
  double sharpness = 0;  ///< q; towards infinity it is the plain maximum
  Seconds launch{};
};

/// Attention of a pure decode batch, per layer and rank: base + per_sequence_head * heads * n + KV bytes / bandwidth.
struct DecodeAttentionCoefficients {
  Seconds base{};
  Seconds per_sequence_head{};
  double memory_efficiency = 0;  ///< share of the peak bandwidth at which the KV cache is read
  double mixed_memory_factor =
      0;  ///< >= 1: what a KV token costs inside a mixed batch, against a pure one
};

/// Attention of a batch that prefills, per layer and rank: base + per chunk (per_token_head * heads * c + flops).
struct PrefillAttentionCoefficients {
  Seconds base{};
  Seconds per_token_head{};
  double compute_efficiency = 0;
};

/// One all-reduce among `gpus`: latency + bytes / bandwidth.
struct AllReduceCoefficients {
  std::int32_t gpus = 0;
  Seconds latency{};
  BytesPerSecond bandwidth{};
};

/// Power of one GPU in steps of n sequences: floor + range / (1 + exp(-steepness (log2 n - midpoint))).
struct PowerCoefficients {
  std::string model;  ///< that was measured, in bf16
  std::int32_t tensor_parallel = 0;
  Watts floor{};
  Watts range{};
  double steepness = 0;
  double midpoint = 0;
};

/// A calibration: everything that is fitted for one GPU type, how it was obtained and how far off it is.
struct Calibration {
  std::string name;         ///< its file's name in workloads/catalog/calibrations: the GPU's
  std::string level;        ///< "closed form"
  double median_error = 0;  ///< stated median relative error of a step's time
  GemmCoefficients gemm_bf16;
  std::optional<GemmCoefficients> gemm_fp8;  ///< none: the GPU has no fp8, or it was not measured
  double elementwise_memory_efficiency = 0;
  DecodeAttentionCoefficients decode_attention;
  PrefillAttentionCoefficients prefill_attention;
  std::vector<AllReduceCoefficients> all_reduce;
  PowerCoefficients power;

  const AllReduceCoefficients* all_reduce_among(std::int32_t gpus) const {
    for (const auto& entry : all_reduce)
      if (entry.gpus == gpus) return &entry;
    return nullptr;
  }
};

/// A file of workloads/catalog/calibrations. Throws ConfigError with all its faults.
Calibration read_calibration(const CatalogEntry& entry);

}  // namespace plimsoll
