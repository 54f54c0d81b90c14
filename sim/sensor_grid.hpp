// When sensors scrape and when what they read lands at the gateway. Scrapes fall on `phase_groups` phases of the
// period; row r belongs to group r % phase_groups. Between two landings a gateway's scraped columns cannot change:
// that is the lookahead of a pool whose policy reads them (sim/pool_windows.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.hpp"

namespace plimsoll {

struct SensorGrid {
  Duration period{0};  ///< 0: no grid (fresh sensors, or columns that nobody reads)
  Duration delay{1};   ///< from scrape to landing, >= 1 ns
  std::int64_t phase_groups = 1;

  bool active() const { return period.count() > 0; }
  /// Scrape number k (0, 1, ...) over all groups: group k % phase_groups, time k * period / phase_groups.
  SimTime scrape_time(std::int64_t k) const {
    const std::int64_t round = k / phase_groups;
    const std::int64_t phase = k % phase_groups;
    return at_ns(round * period.count() + phase * period.count() / phase_groups);
  }
  SimTime landing_time(std::int64_t k) const { return scrape_time(k) + delay; }
  std::uint32_t group(std::int64_t k) const { return static_cast<std::uint32_t>(k % phase_groups); }
  /// How many scrapes can be on their way at once, plus the one being written.
  std::int64_t in_transit() const {
    return (delay.count() / std::max<std::int64_t>(1, period.count() / phase_groups)) + 2;
  }
};

}  // namespace plimsoll
