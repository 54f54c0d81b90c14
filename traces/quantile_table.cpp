#include "traces/quantile_table.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"

namespace plimsoll {
namespace {

bool rises(const std::vector<QuantileKnot>& knots) {
  const auto stuck = [](const QuantileKnot& a, const QuantileKnot& b) {
    return b.value <= a.value || b.share < a.share;
  };
  return std::adjacent_find(knots.begin(), knots.end(), stuck) == knots.end();
}

}  // namespace

QuantileTable::QuantileTable(std::vector<QuantileKnot> knots) : knots_(std::move(knots)) {
  PLIMSOLL_ASSERT(knots_.size() >= 2 && knots_.size() <= kMostKnots, "{} knots", knots_.size());
  PLIMSOLL_ASSERT(rises(knots_) && knots_.front().value >= 0, "{} knots do not rise",
                  knots_.size());
  PLIMSOLL_ASSERT(knots_.front().share == 0 && knots_.back().share == 1, "shares from {} to {}",
                  knots_.front().share, knots_.back().share);
  for (std::size_t i = 0; i + 1 < knots_.size(); ++i) {
    const double share = knots_[i + 1].share - knots_[i].share;
    slope_.push_back(share > 0 ? (knots_[i + 1].value - knots_[i].value) / share : 0);
  }
  std::size_t knot = 0;
  for (std::size_t i = 0; i < kGuides; ++i) {
    while (knots_[knot + 1].share < static_cast<double>(i) / kGuides) ++knot;
    guide_[i] = static_cast<std::uint8_t>(knot);
  }
}

std::int32_t QuantileTable::at(double u) const {
  std::size_t i = guide_[static_cast<std::size_t>(u * kGuides)];
  while (knots_[i + 1].share < u) ++i;
  const double above = (u - knots_[i].share) * slope_[i];
  const auto whole = static_cast<std::int32_t>(above);
  const std::int32_t value = knots_[i].value + whole + (whole < above ? 1 : 0);
  return std::clamp(value, knots_[i].value + 1, knots_[i + 1].value);
}

double QuantileTable::share_at(std::int32_t value) const {
  if (value <= knots_.front().value) return 0;
  if (value >= knots_.back().value) return 1;
  const auto above =
      std::upper_bound(knots_.begin(), knots_.end(), value,
                       [](std::int32_t v, const QuantileKnot& knot) { return v < knot.value; });
  const auto below = above - 1;
  return below->share +
         (above->share - below->share) * (value - below->value) / (above->value - below->value);
}

// Between two knots the values below.value + 1 ... above.value are equally likely.
double QuantileTable::mean() const {
  double mean = 0;
  for (std::size_t i = 0; i + 1 < knots_.size(); ++i) {
    const double share = knots_[i + 1].share - knots_[i].share;
    mean += share * 0.5 * (static_cast<double>(knots_[i].value) + 1 + knots_[i + 1].value);
  }
  return mean;
}

}  // namespace plimsoll
