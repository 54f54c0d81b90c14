// Speculative decoding, as far as the pace of tokens goes.
#pragma once

#include <cstdint>

namespace plimsoll {

/// Each step verifies `draft_tokens` more per sequence and yields `accepted_length` tokens of it in
/// the mean. Steps are costed at the mean pace per token, so single gaps between tokens are not
/// modelled.
struct SpeculativeSpec {
  std::int32_t draft_tokens = 0;
  /// In [1, draft_tokens + 1]; 0: what the catalogue has of the model with so many drafted tokens.
  double accepted_length = 1;
  double draft_share = 0;  ///< time of one drafted token, as a share of a step without speculation
};

}  // namespace plimsoll
