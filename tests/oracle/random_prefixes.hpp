// Random conversations for tests of prefix caches: each request begins as an earlier one, for a while.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "core/random_stream.hpp"
#include "workloads/arrival_stream.hpp"

namespace plimsoll::oracle {

/// Gives every arrival a span of ids that cover its prompt and, for some, its answer. About `share` of 8 requests share
/// a random number of blocks with an earlier one.
inline std::shared_ptr<const PrefixBlocks> give_prefixes(std::vector<Arrival>& arrivals,
                                                         std::int32_t block_tokens,
                                                         std::uint32_t share,
                                                         const RandomStream& draw) {
  PrefixBlocks blocks;
  blocks.block_tokens = block_tokens;
  std::uint32_t fresh = 0;
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) {
    Arrival& arrival = arrivals[i];
    const bool with_answer = below(2, draw.bits(i, 1)) == 0;
    const std::int32_t tokens = arrival.prompt_tokens + (with_answer ? arrival.output_tokens : 0);
    const auto count = static_cast<std::uint32_t>(tokens / block_tokens);
    std::uint32_t shared = 0;
    arrival.prefix = {static_cast<std::uint32_t>(blocks.ids.size()), count};
    if (i > 0 && below(8, draw.bits(i, 2)) < share) {
      const std::uint32_t back = 1 + below(std::min(i, 12u), draw.bits(i, 3));
      const PrefixSpan parent = arrivals[i - back].prefix;
      shared = std::min(count, below(parent.count + 1, draw.bits(i, 4)));
      for (std::uint32_t k = 0; k < shared; ++k) blocks.ids.push_back(blocks.ids[parent.first + k]);
    }
    for (std::uint32_t k = shared; k < count; ++k) blocks.ids.push_back(fresh++);
  }
  return std::make_shared<const PrefixBlocks>(std::move(blocks));
}

}  // namespace plimsoll::oracle
