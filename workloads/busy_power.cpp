#include "workloads/busy_power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/portable_math.hpp"

namespace plimsoll {

MeasuredPower power_of(const std::vector<PowerCoefficients>& measured, std::string_view model,
                       std::string_view dtype, std::int32_t tensor_parallel, Watts idle,
                       Watts limit) {
  // The measured curves of other models rise from two thirds to nine tenths of the board's limit.
  constexpr double kMostOfLimit = 0.9;
  constexpr double kLeastOfLimit = 0.6;
  if (measured.empty())
    return {{.model = std::string(model),
             .floor = std::max(idle, limit * kLeastOfLimit),
             .range = limit * (kMostOfLimit - kLeastOfLimit),
             .steepness = 1.4,
             .midpoint = 6.3,
             .quality = {}},
            "between 0.6 and 0.9 of the board's limit, as a 70B model on H100 does"};
  const auto distance = [&](const PowerCoefficients& power) {
    const double cut = portable::log(static_cast<double>(power.tensor_parallel) / tensor_parallel);
    return (power.model == model ? 0 : 100) + (power.dtype == dtype ? 0 : 10) + std::fabs(cut);
  };
  const auto nearest =
      std::min_element(measured.begin(), measured.end(),
                       [&](const PowerCoefficients& a, const PowerCoefficients& b) {
                         return distance(a) < distance(b);
                       });
  if (distance(*nearest) == 0) return {*nearest, ""};
  return {*nearest, fmt::format("what {} in {} on {} of them does", nearest->model, nearest->dtype,
                                nearest->tensor_parallel)};
}

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
