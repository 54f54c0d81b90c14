// A piecewise-linear curve over the number of tokens in a step: eight knots per octave, found without a search.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "workloads/step_time/step_time.hpp"
#include "workloads/step_time/token_knots.hpp"

namespace plimsoll {

/// Ticks as a function of a token count. Exact at its knots (1 to 16, then eight per doubling), linear between them,
/// the last piece extended beyond. Non-decreasing if the sampled function is.
class TokenCurve {
 public:
  TokenCurve() = default;
  /// Samples `ticks_at` at the knots up to the first one at or above `max_tokens`.
  TokenCurve(std::int32_t max_tokens, const std::function<Ticks(std::int32_t)>& ticks_at);

  Ticks at(std::int32_t tokens) const {
    const std::size_t index = std::min(token_piece(tokens), pieces_.size() - 1);
    const Piece& piece = pieces_[index];
    return piece.start + piece.slope * (tokens - token_knot(index));
  }
  std::size_t knots() const { return pieces_.size() + 1; }

 private:
  struct Piece {
    Ticks start = 0;
    Ticks slope = 0;  ///< rounded down, so that a piece never ends above the next one's start
  };
  std::vector<Piece> pieces_;
};

}  // namespace plimsoll
