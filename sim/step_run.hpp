// Iterations of an unchanged batch, in closed form: iteration j (0 <= j < steps) takes first + slope * j ticks.
//
// The clock of a replica is exact in ticks of 2^-16 ns; a boundary between iterations is seen by others at the floor of
// its time in nanoseconds. Walking the run one iteration at a time, carrying the fraction, gives the same nanoseconds
// as these sums: both are floors of the same number.
#pragma once

#include <cmath>
#include <cstdint>

#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

struct StepRun {
  std::int64_t begin_ns = 0;
  Ticks fraction = 0;  ///< of begin, in [0, 2^16)
  Ticks first = 1;     ///< > 0 where steps > 0
  Ticks slope = 0;     ///< >= 0
  std::int64_t steps =
      0;  ///< planned; may be cut at a boundary that has not passed; 0: waking up, none yet

  constexpr Ticks ticks(std::int64_t k) const { return k * first + slope * (k * (k - 1) / 2); }
  /// The time at which k iterations are done, as others see it.
  constexpr std::int64_t boundary_ns(std::int64_t k) const {
    return begin_ns + ((fraction + ticks(k)) >> kTickBits);
  }
  constexpr Ticks fraction_after(std::int64_t k) const {
    return (fraction + ticks(k)) & (kTicksPerNanosecond - 1);
  }

  /// The smallest k >= 1 whose boundary is at or after `time_ns`, were the run long enough.
  std::int64_t first_boundary_at_or_after(std::int64_t time_ns) const {
    const Ticks wanted = ((time_ns - begin_ns) << kTickBits) - fraction;
    if (wanted <= first) return 1;
    const double half = 0.5 * static_cast<double>(slope);
    const double linear = static_cast<double>(first) - half;
    const double target = static_cast<double>(wanted);
    const double root = 2.0 * target / (linear + std::sqrt(linear * linear + 4.0 * half * target));
    auto k =
        static_cast<std::int64_t>(root);  // right to within one or two: settle it in whole numbers
    if (k < 1) k = 1;
    while (k > 1 && ticks(k - 1) >= wanted) --k;
    while (ticks(k) < wanted) ++k;
    return k;
  }
  /// How many boundaries lie strictly before `time_ns` (at most `steps`).
  std::int64_t boundaries_before(std::int64_t time_ns) const {
    if (steps == 0) return 0;
    const std::int64_t before = first_boundary_at_or_after(time_ns) - 1;
    return before < steps ? before : steps;
  }
};

}  // namespace plimsoll
