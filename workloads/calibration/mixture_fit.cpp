// Routed experts: a soft roofline per precision, the grid by which kernels depart from it, and the
// cost of skew.
//
// The law is of a router that picks experts at random, while the balanced rows of the measurements
// touch as many experts as there are tokens for them. So balanced rows are fitted against the bytes
// that they touch, and the skew's factor is that of the unbalanced rows against the law.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>

#include "core/portable_math.hpp"
#include "workloads/calibration/attention_kinds.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_curve.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kHuber = 0.1;
constexpr double kSmoothness = 0.1;
constexpr double kWorthwhile = 1.25;  // most time of a quantized kernel against bf16's
constexpr double kSameWidth = 0.1;    // scales of blocks make weights a little wider
constexpr double kSkew = 1.2;         // exponent of the router that the law's skew is of
const std::vector<double> kRowKnots{0.125, 0.5, 1, 4, 16, 64, 256, 1024};
const std::vector<double> kWidthKnots{128, 512, 1024, 2048, 4096};
const std::vector<double> kExpertKnots{4, 16, 64, 128, 256};

using Rows = std::vector<const MixtureRow*>;

/// mixture_roofline_us with as many experts read as balanced tokens can touch.
double balanced_us(const MixtureShape& shape, Precision precision, const DeviceRates& rates,
                   const MixtureLaw& law) {
  const double copies = shape.tokens * shape.experts_per_token / shape.experts;  // per expert
  const double touched = std::max(1.0, shape.local_experts * std::min(1.0, copies));
  const double bytes = touched * 3 * shape.hidden * shape.width * weight_bytes_of(precision);
  const double flops = copies * shape.local_experts * 6 * shape.hidden * shape.width;
  return soft_maximum(flops / rates.of(precision).count() * 1e6 / law.compute_efficiency,
                      bytes / rates.memory.count() * 1e6 / law.memory_efficiency, law.sharpness) +
         law.launch_us;
}

void fit_roofline(const Rows& rows, Precision precision, const DeviceRates& rates,
                  MixtureLaw& law) {
  const auto with = [](const std::vector<double>& p) {
    MixtureLaw trial;
    trial.compute_efficiency = p[0];
    trial.memory_efficiency = p[1];
    trial.sharpness = p[2];
    trial.launch_us = p[3];
    return trial;
  };
  law = with(fit_parameters(
      {{0.3, 0.02, 1.2}, {0.7, 0.05, 1.2}, {2, 1.2, 8}, {20, 1, 100}}, rows.size(),
      [&](std::size_t row, const std::vector<double>& p) {
        return portable::log(balanced_us(rows[row]->shape, precision, rates, with(p)) /
                             rows[row]->us);
      },
      2 * kHuber));
}

std::int64_t configuration_of(const MixtureShape& shape) {
  const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
  return ((whole(shape.hidden) * 1024 + whole(shape.experts)) * 1024 + whole(shape.local_experts)) *
             32768 +
         whole(shape.width);
}

template <class Value>
std::vector<double> knots_of(const std::vector<double>& wanted, const Rows& rows, Value&& value) {
  std::vector<double> measured;
  for (const MixtureRow* row : rows) measured.push_back(value(row->shape));
  return knots_within(wanted, std::move(measured));
}

GridProblem problem_of(const Rows& rows, std::vector<GridAxis> axes) {
  GridProblem problem;
  problem.huber = kHuber;
  GridTerm term{std::move(axes), {}, {}, kSmoothness};
  for (const MixtureRow* row : rows) {
    term.coordinates.push_back(row->shape.rows());
    if (term.axes.size() == 3) term.coordinates.push_back(row->shape.width);
    term.coordinates.push_back(row->shape.local_experts);
    problem.time_us.push_back(row->us);
    problem.weight.push_back(1);
    problem.configuration.push_back(configuration_of(row->shape));
  }
  problem.terms.push_back(std::move(term));
  return problem;
}

std::vector<GridAxis> skew_axes(const Rows& rows) {
  return {{"rows", knots_of(kRowKnots, rows, [](const MixtureShape& s) { return s.rows(); })},
          {"experts",
           knots_of(kExpertKnots, rows, [](const MixtureShape& s) { return s.local_experts; })}};
}

MixtureLaw fit_one(const Measurements& from, const Rows& balanced, const Rows& skewed,
                   Precision precision, const DeviceRates& rates) {
  MixtureLaw law;
  fit_roofline(balanced, precision, rates, law);
  std::vector<GridAxis> axes = skew_axes(balanced);
  axes.insert(axes.begin() + 1, {"width", knots_of(kWidthKnots, balanced,
                                                   [](const MixtureShape& s) { return s.width; })});
  GridProblem problem = problem_of(balanced, std::move(axes));
  std::vector<std::int32_t> sets;
  for (const MixtureRow* row : balanced) {
    problem.terms[0].scale.push_back(balanced_us(row->shape, precision, rates, law));
    sets.push_back(row->set);
  }
  GridFit fit = fit_grids(problem);
  law.grid = std::move(fit.grids[0]);
  law.quality = {source_text(from, sets), static_cast<std::int64_t>(balanced.size()),
                 fit.median_error, fit.p90_error};
  if (skewed.size() < kLeastRows) return law;
  GridProblem skew = problem_of(skewed, skew_axes(skewed));
  for (const MixtureRow* row : skewed)
    skew.terms[0].scale.push_back(mixture_us(row->shape, precision, rates, law));
  law.skew = std::move(fit_grids(skew).grids[0]);
  law.quality.rows += static_cast<std::int64_t>(skewed.size());
  return law;
}

/// Median time of the rows against the same shapes in bf16; 0 where there are none.
double against_bf16(const Rows& rows, const Rows& bf16) {
  const auto key = [](const MixtureShape& s) {
    return std::array{s.tokens, s.experts, s.experts_per_token, s.local_experts, s.width, s.hidden};
  };
  std::map<std::array<double, 6>, double> plain;
  for (const MixtureRow* row : bf16) plain[key(row->shape)] = row->us;
  std::vector<double> ratios;
  for (const MixtureRow* row : rows)
    if (const auto found = plain.find(key(row->shape)); found != plain.end())
      ratios.push_back(row->us / found->second);
  return ratios.empty() ? 0 : quantile(std::move(ratios), 0.5);
}

/// A law of weights as wide, of which kernels that are worth their format were measured.
const MixtureLaw* stand_in(Precision precision, const std::map<Precision, MixtureLaw>& worthwhile) {
  for (const auto& [other, law] : worthwhile)
    if (weight_bytes_of(precision) < weight_bytes_of(Precision::bf16) &&
        std::abs(weight_bytes_of(other) / weight_bytes_of(precision) - 1) < kSameWidth)
      return &law;
  return nullptr;
}

}  // namespace

// Weights are quantized to be read faster. Where a kernel takes longer with them than bf16's does,
// it was measured without the tuning that deployments have, and bounds the time from above.
std::map<std::string, MixtureLaw> fit_mixture(const Measurements& from, const DeviceRates& rates) {
  std::map<Precision, std::pair<Rows, Rows>> precisions;
  for (const MixtureRow& row : from.mixture) {
    auto& [balanced, skewed] = precisions[row.precision];
    if (row.skew == 0) balanced.push_back(&row);
    if (row.skew == kSkew) skewed.push_back(&row);
  }
  const Rows bf16 = precisions[Precision::bf16].first;
  std::map<Precision, MixtureLaw> worthwhile, slow;
  for (const auto& [precision, rows] : precisions) {
    if (rows.first.size() < kLeastRows || rates.of(precision).count() <= 0) continue;
    auto& laws = against_bf16(rows.first, bf16) > kWorthwhile ? slow : worthwhile;
    laws.emplace(precision, fit_one(from, rows.first, rows.second, precision, rates));
  }
  std::map<std::string, MixtureLaw> laws;
  for (const auto& [precision, law] : slow) {
    const MixtureLaw* other = stand_in(precision, worthwhile);
    MixtureLaw& taken = laws[std::string(precision_name(precision))] = other ? *other : law;
    if (other)
      taken.quality.source += fmt::format("; the kernels of {} itself took longer than bf16's",
                                          precision_name(precision));
  }
  for (const auto& [precision, law] : worthwhile)
    laws[std::string(precision_name(precision))] = law;
  return laws;
}

}  // namespace plimsoll
