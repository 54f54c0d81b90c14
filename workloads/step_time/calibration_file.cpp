// How a calibration stands in a file of workloads/catalog/calibrations.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "hardware/figure.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {
namespace {

constexpr double kMostMicroseconds = 1e6;
constexpr double kLeastShare = 0.01;  // of a datasheet rate
constexpr double kMostShare = 1.5;    // datasheets can be modest

struct GemmFile {
  Figure<double> compute_efficiency;
  Figure<double> memory_efficiency;
  Figure<double> sharpness;
  Figure<double> launch_us;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("compute_efficiency", &GemmFile::compute_efficiency, "Share of the peak compute rate.",
          required, kLeastShare, kMostShare);
    visit("memory_efficiency", &GemmFile::memory_efficiency, "Share of the peak bandwidth.",
          required, kLeastShare, kMostShare);
    visit("sharpness", &GemmFile::sharpness, "Exponent of the soft roofline.", required, 1.0,
          100.0);
    visit("launch_us", &GemmFile::launch_us, "Fixed time per product.", required, 0.0,
          kMostMicroseconds);
  }
  GemmCoefficients coefficients() const {
    return {compute_efficiency.value, memory_efficiency.value, sharpness.value,
            microseconds(launch_us.value)};
  }
};

struct DecodeAttentionFile {
  Figure<double> base_us;
  Figure<double> per_sequence_head_us;
  Figure<double> memory_efficiency;
  Figure<double> mixed_memory_factor;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("base_us", &DecodeAttentionFile::base_us, "Fixed time per layer.", required, 0.0,
          kMostMicroseconds);
    visit("per_sequence_head_us", &DecodeAttentionFile::per_sequence_head_us,
          "Time per sequence and query head.", required, 0.0, kMostMicroseconds);
    visit("memory_efficiency", &DecodeAttentionFile::memory_efficiency,
          "Share of the peak bandwidth.", required, kLeastShare, kMostShare);
    visit("mixed_memory_factor", &DecodeAttentionFile::mixed_memory_factor,
          "Cost of a KV token in a mixed batch against a pure one.", required, 1.0, 10.0);
  }
  DecodeAttentionCoefficients coefficients() const {
    return {microseconds(base_us.value), microseconds(per_sequence_head_us.value),
            memory_efficiency.value, mixed_memory_factor.value};
  }
};

struct PrefillAttentionFile {
  Figure<double> base_us;
  Figure<double> per_token_head_us;
  Figure<double> compute_efficiency;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("base_us", &PrefillAttentionFile::base_us, "Fixed time per layer.", required, 0.0,
          kMostMicroseconds);
    visit("per_token_head_us", &PrefillAttentionFile::per_token_head_us,
          "Time per new token and query head.", required, 0.0, kMostMicroseconds);
    visit("compute_efficiency", &PrefillAttentionFile::compute_efficiency,
          "Share of the peak bf16 rate.", required, kLeastShare, kMostShare);
  }
  PrefillAttentionCoefficients coefficients() const {
    return {microseconds(base_us.value), microseconds(per_token_head_us.value),
            compute_efficiency.value};
  }
};

struct AllReduceFile {
  Figure<double> latency_us;
  Figure<BytesPerSecond> bandwidth;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("latency_us", &AllReduceFile::latency_us, "Fixed time.", required, 0.0,
          kMostMicroseconds);
    visit("bandwidth", &AllReduceFile::bandwidth, "Bytes of the message per second.", required,
          BytesPerSecond{1e6}, BytesPerSecond{1e14});
  }
};

struct PowerFile {
  std::string model;
  Figure<std::int32_t> tensor_parallel;
  Figure<Watts> floor;
  Figure<Watts> range;
  Figure<double> steepness;
  Figure<double> midpoint;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &PowerFile::model, "The model that was measured.", required);
    visit("tensor_parallel", &PowerFile::tensor_parallel, "GPUs that it ran on.", required, 1,
          1024);
    visit("floor", &PowerFile::floor, "Power of the smallest batches.", required, Watts{1},
          Watts{20'000});
    visit("range", &PowerFile::range, "What the largest batches add.", required, Watts{0},
          Watts{20'000});
    visit("steepness", &PowerFile::steepness, "Of the logistic in log2 of the batch.", required,
          0.0, 100.0);
    visit("midpoint", &PowerFile::midpoint, "log2 of the batch at half the range.", required, 0.0,
          30.0);
  }
  PowerCoefficients coefficients() const {
    return {model,       tensor_parallel.value, floor.value,
            range.value, steepness.value,       midpoint.value};
  }
};

struct CalibrationFile {
  std::string level;
  Figure<double> median_error;
  GemmFile gemm_bf16;
  std::optional<GemmFile> gemm_fp8;
  Figure<double> elementwise_memory_efficiency;
  DecodeAttentionFile decode_attention;
  PrefillAttentionFile prefill_attention;
  std::map<std::string, AllReduceFile> all_reduce;
  PowerFile power;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("level", &CalibrationFile::level, "What the figures rest on.", required);
    visit("median_error", &CalibrationFile::median_error, "Median relative error of a step's time.",
          required, 0.0, 1.0);
    visit("gemm_bf16", &CalibrationFile::gemm_bf16, "Matrix products in bf16.", required);
    visit("gemm_fp8", &CalibrationFile::gemm_fp8, "Matrix products in fp8.");
    visit("elementwise_memory_efficiency", &CalibrationFile::elementwise_memory_efficiency,
          "Share of the peak bandwidth.", required, kLeastShare, kMostShare);
    visit("decode_attention", &CalibrationFile::decode_attention, "Attention of decode batches.",
          required);
    visit("prefill_attention", &CalibrationFile::prefill_attention, "Attention of prefill chunks.",
          required);
    visit("all_reduce", &CalibrationFile::all_reduce, "By number of GPUs.");
    visit("power", &CalibrationFile::power, "Power by batch size.", required);
  }
};

/// Keys are numbers of GPUs.
std::vector<AllReduceCoefficients> read_all_reduce(const CalibrationFile& file,
                                                   const ConfigNode& root,
                                                   std::vector<Fault>& faults) {
  std::vector<AllReduceCoefficients> all;
  for (const auto& [key, entry] : file.all_reduce) {
    std::int32_t gpus = 0;
    if (!parse_scalar(key, gpus).empty() || gpus < 2)
      faults.push_back({position_of(root, "all_reduce." + key),
                        fmt::format("all_reduce.{} is not named by a number of GPUs.", key)});
    all.push_back({gpus, microseconds(entry.latency_us.value), entry.bandwidth.value});
  }
  return all;
}

}  // namespace

Calibration read_calibration(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  const auto file = read_config<CalibrationFile>(entry.root, faults);
  Calibration calibration{.name = entry.name,
                          .level = file.level,
                          .median_error = file.median_error.value,
                          .gemm_bf16 = file.gemm_bf16.coefficients(),
                          .gemm_fp8 = std::nullopt,
                          .elementwise_memory_efficiency = file.elementwise_memory_efficiency.value,
                          .decode_attention = file.decode_attention.coefficients(),
                          .prefill_attention = file.prefill_attention.coefficients(),
                          .all_reduce = read_all_reduce(file, entry.root, faults),
                          .power = file.power.coefficients()};
  if (file.gemm_fp8) calibration.gemm_fp8 = file.gemm_fp8->coefficients();
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return calibration;
}

}  // namespace plimsoll
