// What prompts have in common: blocks of tokens with ids, where an id stands for the block and all tokens before it.
//
// Two requests whose spans begin with the same ids begin with the same tokens, as far as whole blocks go. Traces with
// block hashes (Mooncake) give them; synthetic workloads make them for the prefixes that requests share. A span may
// reach beyond the prompt: then it says what the answer adds, so that a later turn of the conversation can find it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll {

/// The ids of one request, in order: PrefixBlocks::ids [first, first + count).
struct PrefixSpan {
  std::uint32_t first = 0;
  std::uint32_t count = 0;  ///< 0: shares nothing, as far as anyone knows

  friend bool operator==(const PrefixSpan&, const PrefixSpan&) = default;
};

/// The ids of a workload, shared by all its requests; immutable once the workload runs.
struct PrefixBlocks {
  std::int32_t block_tokens = 0;   ///< of every block, > 0
  std::vector<std::uint32_t> ids;  ///< below 2^32 - 1

  std::span<const std::uint32_t> of(PrefixSpan span) const {
    return std::span(ids).subspan(span.first, span.count);
  }
};

}  // namespace plimsoll
