// Published MLPerf Inference results of language models: the rows of mlperf_inference/*_llm_summary.csv.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace plimsoll {

/// What a benchmark asks: its prompts and answers, and how late tokens may be.
struct MlperfWorkload {
  std::string prefix;              ///< of the rows' model
  std::string model;               ///< of the catalogue
  std::int32_t prompt_tokens = 0;  ///< mean
  std::int32_t output_tokens = 0;  ///< mean
  std::string source;
  double server_ttft_s = 0;  ///< 99th percentiles
  double server_tpot_s = 0;
  std::optional<double> interactive_ttft_s;
  std::optional<double> interactive_tpot_s;
};

/// Throws ConfigError with all faults of the file.
std::vector<MlperfWorkload> read_mlperf_workloads(const std::filesystem::path& file);

/// `count` accelerators of one kind; a system may have more than one kind.
struct MlperfAccelerators {
  std::string name;  ///< as written: "NVIDIA H200-SXM-141GB"
  std::int32_t count = 0;
};

struct MlperfRow {
  std::string place;  ///< file and line
  std::string system;
  std::string organisation;
  std::string model;     ///< as written: "llama2-70b-99"
  std::string scenario;  ///< "Offline", "Server" or "Interactive"
  std::vector<MlperfAccelerators> accelerators{};
  std::int32_t per_node = 0;
  double tokens_per_s = 0;
};

struct MlperfData {
  std::vector<MlperfRow> rows;  ///< closed division, in the order of the files
  std::int64_t open_division = 0;
  std::int64_t repeated = 0;  ///< the same figure of the same system for another accuracy
};

/// Reads all *_llm_summary.csv of the folder. Throws ConfigError with file, line and column.
MlperfData read_mlperf(const std::filesystem::path& folder);

/// The catalogue's GPU whose name's words (vendor aside) all stand in the accelerator's; the one of most words. Empty:
/// none.
std::string match_gpu(const std::vector<std::string>& gpus, const std::string& accelerator);

}  // namespace plimsoll
