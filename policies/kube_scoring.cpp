#include "policies/kube_scoring.hpp"

#include <algorithm>

namespace plimsoll {

std::uint32_t nodes_to_find(std::uint32_t nodes, std::int32_t percentage) {
  constexpr std::uint32_t kFewest = 100;
  if (nodes < kFewest || percentage >= 100) return nodes;
  const auto adaptive = std::max(5, 50 - static_cast<std::int32_t>(nodes / 125));
  const auto percent = static_cast<std::uint64_t>(percentage > 0 ? percentage : adaptive);
  return std::max(kFewest, static_cast<std::uint32_t>(nodes * percent / 100));
}

std::uint32_t NodeSampling::choose(const WorkerPlaces& places) {
  const std::uint32_t enough = nodes_to_find(places.size(), percentage_);
  if (places.fitting() < enough || enough == places.size()) return places.best();
  std::uint32_t best = kNowhere;
  std::uint32_t found = 0;
  std::uint32_t row = start_;
  while (found < enough) {
    if (places.fits(row)) {
      ++found;
      const bool better = best == kNowhere || places.score(row) > places.score(best) ||
                          (places.score(row) == places.score(best) && row < best);
      if (better) best = row;
    }
    row = row + 1 < places.size() ? row + 1 : 0;
  }
  start_ = row;
  return best;
}

}  // namespace plimsoll
