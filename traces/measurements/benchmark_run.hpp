// What benchmarks of running servers wrote down: which requests were sent, and what they saw.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace plimsoll {

/// A completed request of a benchmark.
struct BenchmarkRequest {
  std::int32_t prompt_tokens = 1;
  std::int32_t output_tokens = 1;
  double start_s = 0;  ///< since the first was sent; open loop only
};

/// One benchmark at one load. TTFT is from sending to the first token, TPOT the mean gap after it; both are means over
/// the completed requests, as the client saw them. NaN: not measured.
struct BenchmarkRun {
  std::string name;  ///< the file, and which benchmark of it: "sweep.json: benchmarks[2]"
  std::string tool;  ///< what wrote it: "vllm bench serve"
  std::vector<BenchmarkRequest> requests;  ///< in the order in which they were sent
  std::int32_t concurrency = 0;            ///< clients of a closed loop; 0: open loop
  std::int32_t prefix_tokens = 0;          ///< with which all prompts begin alike
  double ttft_s = std::numeric_limits<double>::quiet_NaN();
  double tpot_s = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> notes;  ///< what was left out or supposed; sentences
};

/// Fewer completed requests tell nothing of a mean.
inline constexpr std::size_t kFewestRequests = 8;

/// `vllm bench serve --save-result`, with or without --save-detailed, one result or several (--append-result). A loop
/// is closed by --max-concurrency; a finite --request-rate without it is open, with Poisson arrivals where no start
/// times were saved. Without details all requests have the mean lengths.
/// This and the next throw ConfigError: file and key, what was found and what is needed.
std::vector<BenchmarkRun> read_vllm_bench(const std::string& path);

/// guidellm's JSON report: one run per benchmark; the synchronous, concurrent and throughput strategies are closed
/// loops, the others open ones.
std::vector<BenchmarkRun> read_guidellm(const std::string& path);

/// What a file of results is, by its content.
enum class ResultKind : std::uint8_t { vllm_bench, guidellm, prometheus };
ResultKind result_kind(const std::string& path);

/// One load from two scrapes of vLLM's metrics, the text of /metrics or the JSON of /api/v1/query: what happened
/// between them. Lengths are drawn from the histograms of prompt and generated tokens, in a fixed order; the
/// concurrency is the mean of the gauges of running and waiting requests, per instance.
BenchmarkRun read_scrapes(const std::string& before, const std::string& after);

}  // namespace plimsoll
