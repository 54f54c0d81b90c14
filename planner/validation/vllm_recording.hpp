// A recorded run of vLLM: its engine's arguments, the requests that were sent, and when the engine saw and served them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// Times in seconds since the first request was queued, on the engine's clock.
struct RecordedRequest {
  std::string place;  ///< "<file>:<line>"
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
  std::vector<std::uint64_t>
      blocks;  ///< hashes of the prompt's full blocks of 16 tokens, each with all before it
  double queued_s = 0;  ///< the engine's scheduler has it
  double first_token_s = 0;
  double last_token_s = 0;
};

struct VllmRecording {
  std::string name;  ///< of its folder
  ServingSpec spec;  ///< model, GPU, engine version and arguments; names as recorded
  std::vector<RecordedRequest> requests;  ///< in the order sent
};

/// Reads `folder`: <GPU>_<model>, with vllm/meta.json and vllm/requests.jsonl[.zst]; the workload that meta.json names
/// lies in `folder`/../<dataset_path>[.zst], line i of it being request "bench-i". Throws ConfigError, with file and
/// line, for what is missing, of the wrong kind, not finite, or against the order of time.
VllmRecording read_vllm_recording(const std::filesystem::path& folder);

}  // namespace plimsoll
