// A piecewise-quadratic curve over the tokens of a prompt: what attention to all that came before
// costs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "workloads/step_time/step_time.hpp"
#include "workloads/step_time/token_knots.hpp"

namespace plimsoll {

/// Ticks of a prompt of so many tokens, 0 for none. Exact at its knots, through the sampled
/// function halfway between two of them (so a parabola is itself to within rounding), the last
/// piece extended beyond. Non-decreasing if the sampled function is.
class PromptCurve {
 public:
  PromptCurve() = default;
  /// Samples `ticks_at`, ticks of a real number of tokens, up to the first knot at or above
  /// `max_tokens`.
  PromptCurve(std::int32_t max_tokens, const std::function<double(double)>& ticks_at);

  Ticks at(std::int32_t tokens) const {
    const std::size_t index = std::min(token_piece(tokens), pieces_.size() - 1);
    const Piece& piece = pieces_[index];
    const std::int64_t x = tokens - token_knot(index);
    return piece.start + x * (piece.slope + x * piece.curvature);
  }

 private:
  struct Piece {
    Ticks start = 0;
    Ticks slope = 0;
    Ticks curvature = 0;
  };
  std::vector<Piece> pieces_;
};

}  // namespace plimsoll
