// What a validation set yields, and the figures made of it: predictions beside measurements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// One measured number and what the models say of it.
struct Prediction {
  std::string set;  ///< "aic_silicon"
  std::string
      slice;        ///< what is reported apart, the GPU first: "nvidia_h100_sxm vllm llama-3.1-70b"
  std::string row;  ///< of the data: an id, or file and line
  std::string metric;   ///< the unit last: "tpot_ms", "output_tokens_per_s"
  std::string level{};  ///< "datasheet", "operator tables", "anchored" or "telemetry"
  std::string
      ranked_among{};    ///< configurations of the same load, which a planner has to rank; "": none
  double measured = 0;   ///< > 0
  double predicted = 0;  ///< in the unit of `measured`
  bool anchor_point = false;   ///< the model was anchored to this very row: never scored
  bool extrapolating = false;  ///< it rests on a measurement of something else

  /// predicted / measured - 1
  double error() const { return predicted / measured - 1; }
};

/// Throws ConfigError, with set and row, unless both numbers are finite and positive.
void check(const Prediction& prediction);

/// How far off a group of predictions is. Errors are relative; anchor points are left out.
struct ErrorSummary {
  std::size_t rows = 0;      ///< scored
  std::size_t anchors = 0;   ///< left out
  double median_error = 0;   ///< of |error|; NaN without rows
  double signed_median = 0;  ///< of the error: below 0, the models are too fast
  double p90_error = 0;      ///< 90th percentile of |error|
  double kendall_tau =
      0;  ///< over the pairs within each `ranked_among`, all pairs alike; NaN without
  std::size_t pairs = 0;  ///< that tau rests on
};
ErrorSummary summarize(const std::vector<const Prediction*>& predictions);

/// (concordant - discordant) / pairs, over the pairs whose measurements differ.
struct RankAgreement {
  std::int64_t concordant = 0;
  std::int64_t discordant = 0;
  std::int64_t pairs = 0;

  void add(const std::vector<const Prediction*>& ranked);
  double tau() const;  ///< in [-1, 1]; NaN without pairs
};

/// A value below which `share` of the numbers lie, linear between neighbours (numpy's default); NaN for none.
double sample_quantile(std::vector<double> numbers, double share);

}  // namespace plimsoll
