// Which two measured runs of a deployment its models are anchored to: one rule for all sets, which does not see what
// was measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll {

/// What a benchmark run asked for.
struct BenchLoad {
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
  std::int32_t clients = 0;
};

/// Two runs of a deployment, as indices: one of few clients that mostly decodes, one of many whose prompts weigh more.
/// Fewer than three runs: none, so that something is left to score.
std::vector<std::size_t> choose_anchors(const std::vector<BenchLoad>& loads);

}  // namespace plimsoll
