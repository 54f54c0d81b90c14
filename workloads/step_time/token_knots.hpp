// Knots of curves over token counts: 0 to 16, then eight per doubling, found without a search.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace plimsoll {

/// The piece that holds `tokens`: below 16 a piece per token; above, the exponent and the three
/// bits after the leading one.
constexpr std::size_t token_piece(std::int32_t tokens) {
  const auto bits = static_cast<std::uint32_t>(tokens);
  if (bits < 16) return bits;
  const int exponent = std::bit_width(bits) - 1;
  return static_cast<std::size_t>(16 + 8 * (exponent - 4)) + ((bits >> (exponent - 3)) & 7u);
}

/// Where piece `index` starts.
constexpr std::int32_t token_knot(std::size_t index) {
  if (index < 16) return static_cast<std::int32_t>(index);
  const auto above = index - 16;
  return static_cast<std::int32_t>((8 + above % 8) << (above / 8 + 1));
}

}  // namespace plimsoll
