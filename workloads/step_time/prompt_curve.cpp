#include "workloads/step_time/prompt_curve.hpp"

#include <cmath>

namespace plimsoll {

// On a piece of width w from y0 over ym to y1: curvature = 2 (y0 - 2 ym + y1) / w^2, kept small
// enough for a slope of one sign; then slope = (y1 - y0) / w - curvature w, rounded down so that a
// piece never ends above the next one's start.
PromptCurve::PromptCurve(std::int32_t max_tokens, const std::function<double(double)>& ticks_at) {
  const std::size_t last = token_piece(max_tokens);
  double highest = 0;
  const auto rising = [&](double tokens) {
    highest = std::max(highest, ticks_at(tokens));
    return highest;
  };
  Ticks start = 0;
  for (std::size_t index = 0; index <= last; ++index) {
    const std::int64_t width = token_knot(index + 1) - token_knot(index);
    const auto from = static_cast<double>(token_knot(index));
    const auto w = static_cast<double>(width);
    const double middle = rising(from + 0.5 * w);
    const auto end = static_cast<Ticks>(std::floor(rising(from + w)));
    const double y0 = static_cast<double>(start), y1 = static_cast<double>(end);
    const double most = (y1 - y0) / (w * w);
    const double curvature = std::clamp(2.0 * (y0 - 2.0 * middle + y1) / (w * w), -most, most);
    const auto whole = width == 1 ? Ticks{0} : static_cast<Ticks>(std::trunc(curvature));
    pieces_.push_back({start, (end - start) / width - whole * width, whole});
    start = end;
  }
}

}  // namespace plimsoll
