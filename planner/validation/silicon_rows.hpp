// Published benchmark runs of serving deployments: the rows of aic_silicon/silicon_sample.csv, put straight.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/parallelism.hpp"

namespace plimsoll {

/// One run at a fixed number of clients.
struct SiliconRow {
  std::string id;
  std::string system;   ///< "h200_sxm"
  std::string engine;   ///< "vllm", "sglang", "trtllm"
  std::string version;  ///< of the engine, as written; may be empty
  std::string model;    ///< Hugging Face name
  std::string gemm;     ///< "fp8", "fp8_block", "nvfp4"; empty: bf16
  std::string experts;  ///< likewise
  Parallelism parallelism;
  std::int32_t prompt_tokens = 0;  ///< nominal
  std::int32_t output_tokens = 0;
  std::int32_t concurrency = 0;
  /// InferenceX draws lengths evenly from 0.8 to 1 times the nominal ones; the others send what they say.
  bool spread_lengths = false;
  double ttft_ms = 0;
  double tpot_ms = 0;

  /// Same GPU, engine version, model, formats and cut: what one anchor is for.
  std::string deployment() const;
};

struct SiliconData {
  std::vector<SiliconRow> rows;    ///< aggregated serving, as in the file, repeats left out
  std::int64_t in_file = 0;        ///< rows of the file
  std::int64_t disaggregated = 0;  ///< left out, as the next four
  std::int64_t unfinished = 0;     ///< marked as work in progress
  std::int64_t without_load = 0;   ///< the source does not say how many clients there were
  std::int64_t repeated = 0;       ///< the same run from another source: both figures within 0.1 %
  std::int64_t unclear_cut = 0;    ///< degrees that do not multiply up
};

/// Reads `folder`/silicon_sample.csv.zst (or .csv). Throws ConfigError with file, line and column.
SiliconData read_silicon(const std::filesystem::path& folder);

}  // namespace plimsoll
