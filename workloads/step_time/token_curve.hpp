// A piecewise-linear curve over the number of tokens in a step: eight knots per octave, found without a search.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <vector>

#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// Ticks as a function of a token count. Exact at its knots (1 to 16, then eight per doubling), linear between them,
/// the last piece extended beyond. Non-decreasing if the sampled function is.
class TokenCurve {
 public:
  TokenCurve() = default;
  /// Samples `ticks_at` at the knots up to the first one at or above `max_tokens`.
  TokenCurve(std::int32_t max_tokens, const std::function<Ticks(std::int32_t)>& ticks_at);

  Ticks at(std::int32_t tokens) const {
    const std::size_t index = std::min(piece_of(tokens), pieces_.size() - 1);
    const Piece& piece = pieces_[index];
    return piece.start + piece.slope * (tokens - knot(index));
  }
  std::size_t knots() const { return pieces_.size() + 1; }

 private:
  struct Piece {
    Ticks start = 0;
    Ticks slope = 0;  ///< rounded down, so that a piece never ends above the next one's start
  };
  /// Below 16 a piece per token; above, the exponent and the three bits after the leading one.
  static constexpr std::size_t piece_of(std::int32_t tokens) {
    const auto bits = static_cast<std::uint32_t>(tokens);
    if (bits < 16) return bits;
    const int exponent = std::bit_width(bits) - 1;
    return static_cast<std::size_t>(16 + 8 * (exponent - 4)) + ((bits >> (exponent - 3)) & 7u);
  }
  static constexpr std::int32_t knot(std::size_t index) {
    if (index < 16) return static_cast<std::int32_t>(index);
    const auto above = index - 16;
    return static_cast<std::int32_t>((8 + above % 8) << (above / 8 + 1));
  }

  std::vector<Piece> pieces_;
};

}  // namespace plimsoll
