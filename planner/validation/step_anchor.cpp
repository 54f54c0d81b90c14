#include "planner/validation/step_anchor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plimsoll {
namespace {

constexpr int kMostIterations = 6;
constexpr double kProbe = 0.05;  ///< of finite differences, relative
constexpr double kLeastScale = 0.1;
constexpr double kMostScale = 10;

using Times = std::array<double, 2>;

/// The two steps under an anchor of one scale and one offset.
class TwoSteps {
 public:
  TwoSteps(const std::function<ServingDeployment(const Anchor&)>& deploy, AnchoredWork work,
           const std::array<MeasuredStep, 2>& steps)
      : deploy_(deploy), work_(work), steps_(steps) {}

  Anchor anchor(double scale, double offset) const {
    Anchor anchor;
    (work_ == AnchoredWork::decode ? anchor.decode_scale : anchor.prefill_scale) = scale;
    anchor.step_offset = Seconds{offset};
    anchor.points = 2;
    return anchor;
  }

  /// Measured less predicted.
  Times lacks(double scale, double offset) const {
    const Times predicted = times(scale, offset);
    return {steps_[0].measured_s - predicted[0], steps_[1].measured_s - predicted[1]};
  }

  /// The scale at which the two errors are opposite, for a given offset.
  double even_scale(double offset) const {
    double scale = 1;
    for (int i = 0; i < kMostIterations; ++i) {
      const Times predicted = times(scale, offset);
      scale *= std::sqrt(steps_[0].measured_s / predicted[0] * steps_[1].measured_s / predicted[1]);
      scale = std::clamp(scale, kLeastScale, kMostScale);
    }
    return scale;
  }

  double shorter_s() const { return std::min(steps_[0].measured_s, steps_[1].measured_s); }

  Times times(double scale, double offset) const {
    const ServingDeployment deployment = deploy_(anchor(scale, offset));
    return {steps_[0].predicted_s(deployment), steps_[1].predicted_s(deployment)};
  }

 private:
  const std::function<ServingDeployment(const Anchor&)>& deploy_;
  AnchoredWork work_;
  const std::array<MeasuredStep, 2>& steps_;
};

/// Steps that prefill: the host launches their kernels one by one, which takes the same time for few tokens as for
/// many. The longer step tells the scale of the GPU's work, the shorter one that floor, if the GPU's work is below it.
Anchor floor_and_scale(const TwoSteps& two, const std::array<MeasuredStep, 2>& steps) {
  const std::size_t longer = steps[1].measured_s >= steps[0].measured_s ? 1 : 0;
  double scale = 1;
  for (int i = 0; i < kMostIterations; ++i)
    scale = std::clamp(scale * steps[longer].measured_s / two.times(scale, 0)[longer], kLeastScale,
                       kMostScale);
  Anchor anchor = two.anchor(scale, 0);
  anchor.prefill_floor = Seconds{steps[1 - longer].measured_s};
  return anchor;
}

}  // namespace

AnchorRows anchor_rows(const std::vector<double>& loads) {
  std::vector<std::size_t> order(loads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return loads[a] < loads[b]; });
  std::vector<std::size_t> firsts;  // of each load that occurs
  for (std::size_t i = 0; i < order.size(); ++i)
    if (i == 0 || loads[order[i]] > loads[order[i - 1]]) firsts.push_back(i);
  const std::size_t width = std::max<std::size_t>(1, loads.size() / 20);
  const std::size_t low = firsts[(firsts.size() - 1) / 5];
  const std::size_t high = firsts[(4 * (firsts.size() - 1) + 4) / 5];
  AnchorRows rows;
  const std::size_t first = std::min(low, order.size() - 2 * width);
  const std::size_t second = std::clamp(high, first + width, order.size() - width);
  for (std::size_t i = 0; i < width; ++i) {
    rows[0].push_back(order[first + i]);
    rows[1].push_back(order[second + i]);
  }
  return rows;
}

Anchor anchor_to_steps(const std::function<ServingDeployment(const Anchor&)>& deploy,
                       AnchoredWork work, const std::array<MeasuredStep, 2>& steps,
                       Seconds least_offset) {
  const TwoSteps two(deploy, work, steps);
  if (work == AnchoredWork::launched_prefill) return floor_and_scale(two, steps);
  const double probe_s = kProbe * two.shorter_s();
  double scale = 1;
  double offset = 0;
  for (int i = 0; i < kMostIterations; ++i) {
    const Times lack = two.lacks(scale, offset);
    if (std::max(std::abs(lack[0]), std::abs(lack[1])) < 1e-4 * two.shorter_s()) break;
    const Times scaled = two.lacks(scale * (1 + kProbe), offset);
    const Times shifted = two.lacks(scale, offset + probe_s);
    const Times by_scale = {(lack[0] - scaled[0]) / (scale * kProbe),
                            (lack[1] - scaled[1]) / (scale * kProbe)};
    const Times by_offset = {(lack[0] - shifted[0]) / probe_s, (lack[1] - shifted[1]) / probe_s};
    const double determinant = by_scale[0] * by_offset[1] - by_scale[1] * by_offset[0];
    const double size = std::abs(by_scale[0] * by_offset[1]) + std::abs(by_scale[1] * by_offset[0]);
    if (!(std::abs(determinant) > 1e-3 * size)) return two.anchor(two.even_scale(0), 0);
    scale += (lack[0] * by_offset[1] - lack[1] * by_offset[0]) / determinant;
    offset += (by_scale[0] * lack[1] - by_scale[1] * lack[0]) / determinant;
    scale = std::clamp(scale, kLeastScale, kMostScale);
    offset = std::max(offset, least_offset.count());
  }
  if (offset <= least_offset.count()) scale = two.even_scale(offset);
  return two.anchor(scale, offset);
}

}  // namespace plimsoll
