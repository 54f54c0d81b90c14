// The runs of the prefill:decode sweep: what was asked for, what was seen, and which runs followed each other on the
// same servers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "planner/serving_trial.hpp"

namespace plimsoll {

/// One run of `vllm bench serve`.
struct RatioRow {
  std::string id;
  std::int32_t prefill_workers = 0;
  std::int32_t decode_workers = 0;
  std::int32_t clients = 0;
  std::int32_t prompts = 0;
  std::int32_t nominal_prompt = 0;  ///< tokens; --random-input-len
  std::int32_t answer_limit = 0;   ///< tokens; --random-output-len: answers end on their own before
  std::int32_t prompt_tokens = 0;  ///< mean of what was sent
  double output_tokens = 0;        ///< mean of what was answered
  double ttft_ms = 0;              ///< mean
  double tpot_ms = 0;              ///< mean
  double tokens_per_s = 0;
  std::int64_t began_s = 0;  ///< seconds since 1970, in the machine's time zone
  std::int64_t ended_s = 0;
  bool complete = true;  ///< all requests were answered; else the load is not the stated one

  std::string deployment() const;  ///< "3p1d"
  std::string load() const;        ///< "2048/128 x64": nominal lengths, clients
};

/// Sorted by deployment, then by time. Throws ConfigError with line and column.
std::vector<RatioRow> read_ratio_rows(const std::filesystem::path& file);

/// Runs of one deployment that follow each other on the same servers: the beginning of each is within ten minutes of
/// the end of the one before. Indices into `rows`, in order.
using RatioSession = std::vector<std::size_t>;
std::vector<RatioSession> sessions_of(const std::vector<RatioRow>& rows);

/// Prompts are the same in all runs as far as they go: the benchmark's seed is fixed, and its prompt i of n tokens is
/// the beginning of its longer prompt i. Servers may find them again, in blocks of 64 tokens.
struct SharedPrompts {
  std::shared_ptr<const PrefixBlocks> blocks;
  std::uint32_t blocks_per_prompt = 0;
};
SharedPrompts shared_prompts(const std::vector<RatioRow>& rows);

/// The run's requests. Of the answers only the mean is known: they are spread evenly around it, as far as one token and
/// the limit allow, in random order.
std::vector<TrialRequest> requests_of(const RatioRow& row, const SharedPrompts& shared);

}  // namespace plimsoll
