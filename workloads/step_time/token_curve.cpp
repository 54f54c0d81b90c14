#include "workloads/step_time/token_curve.hpp"

namespace plimsoll {

TokenCurve::TokenCurve(std::int32_t max_tokens,
                       const std::function<Ticks(std::int32_t)>& ticks_at) {
  const std::size_t last = token_piece(max_tokens);
  Ticks start = ticks_at(0);
  for (std::size_t index = 0; index <= last; ++index) {
    const std::int32_t width = token_knot(index + 1) - token_knot(index);
    const Ticks end = ticks_at(token_knot(index + 1));
    pieces_.push_back({start, (end - start) / width});
    start = end;
  }
}

}  // namespace plimsoll
