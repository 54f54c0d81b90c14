#include "workloads/busy_power.hpp"

#include <algorithm>

#include "core/portable_math.hpp"

namespace plimsoll {

std::vector<double> busy_power_w(const PowerCoefficients& power, Watts idle, Watts limit,
                                 std::int32_t max_num_seqs) {
  const double ln2 = portable::log(2.0);
  std::vector<double> watts{idle.count()};
  for (std::int32_t n = 1; n <= max_num_seqs; ++n) {
    const double log2_n = portable::log(static_cast<double>(n)) / ln2;
    const double share = 1.0 / (1.0 + portable::exp(-power.steepness * (log2_n - power.midpoint)));
    watts.push_back(std::min(limit.count(), power.floor.count() + power.range.count() * share));
  }
  return watts;
}

}  // namespace plimsoll
