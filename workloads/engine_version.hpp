// Which engine profile stands for a version of a serving engine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

/// The name of the shipped profile that is nearest to a backend's version: the profile of the same generation, or
/// nothing for a backend that has none. `backend` is vllm, sglang, trtllm or tensorrt-llm.
///
///   vllm          up to 0.7: vllm-0.6 (V0 engine); 0.8 to 0.17: vllm-0.15 (V1);
///                 0.18 to 0.21: vllm-0.19; from 0.22: vllm-0.24
///   sglang        every version: sglang-0.5
///   tensorrt-llm  every version: tensorrt-llm-1 (a version 0.x is one of NVIDIA Dynamo, whose images hold 1.x)
///
/// A version is `0.15.1`, `v0.15` or `0.5.6.post2`; one without a number (blank, a nightly build, a branch) counts for
/// vLLM as 0.15, the most common in published measurements.
std::optional<std::string> engine_profile_for(std::string_view backend, std::string_view version);

}  // namespace plimsoll
