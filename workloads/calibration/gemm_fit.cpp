// Matrix products: a soft roofline per precision, and the grid by which kernels depart from it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/portable_math.hpp"
#include "workloads/calibration/host_bound.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_curve.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kHuber = 0.05;
constexpr double kSmoothness = 0.003;
constexpr double kHiddenWeight = 0.1;  // of a shape that is only inferred
constexpr double kTinyRoofline = 1.0;  // us at the datasheet's rates: next to no work

const std::vector<double> kRowKnots{1,   8,   16,   32,   64,   96,   128,  192,
                                    256, 512, 1024, 2048, 4096, 8192, 32768};
const std::vector<double> kWidthKnots{32, 128, 512, 1024, 2048, 4096, 8192, 16384, 65536};

using Rows = std::vector<const GemmRow*>;

/// The fastest of the rows of each shape: the table's own dispatch.
Rows fastest_per_shape(Rows rows) {
  const auto key = [](const GemmRow* row) {
    return std::tuple(row->shape.n, row->shape.k, row->shape.m, row->us);
  };
  std::sort(rows.begin(), rows.end(), [&](auto* a, auto* b) { return key(a) < key(b); });
  const auto same = [](const GemmRow* a, const GemmRow* b) {
    return a->shape.n == b->shape.n && a->shape.k == b->shape.k && a->shape.m == b->shape.m;
  };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
  return rows;
}

HostFloors host_floors(const Rows& rows, Precision precision, const DeviceRates& rates) {
  const GemmLaw ideal;
  std::map<std::int32_t, std::vector<double>> idle;
  for (const GemmRow* row : rows)
    if (gemm_roofline_us(row->shape, precision, rates, ideal) < kTinyRoofline)
      idle[row->set].push_back(row->us);
  return HostFloors(idle);
}

/// Takes out and returns the rows that a kernel's host time hides: by what was measured, or by what `fallback`, if any,
/// expects of the GPU (the host's own scatter lifts some rows far above its floor).
Rows take_host_bound(Rows& rows, Precision precision, const DeviceRates& rates,
                     const GemmLaw* fallback) {
  const HostFloors floors = host_floors(rows, precision, rates);
  const auto hidden = [&](const GemmRow* row) {
    return floors.hides(row->set, row->us) ||
           (fallback && floors.covers(row->set, gemm_us(row->shape, precision, rates, *fallback)));
  };
  const auto first = std::stable_partition(rows.begin(), rows.end(),
                                           [&](const GemmRow* row) { return !hidden(row); });
  Rows taken(first, rows.end());
  rows.erase(first, rows.end());
  return taken;
}

void fit_roofline(const Rows& rows, Precision precision, const DeviceRates& rates, GemmLaw& law) {
  const auto with = [](const std::vector<double>& p) {
    GemmLaw trial;
    trial.compute_efficiency = p[0];
    trial.memory_efficiency = p[1];
    trial.sharpness = p[2];
    trial.launch_us = p[3];
    return trial;
  };
  const auto residual = [&](std::size_t row, const std::vector<double>& p) {
    return portable::log(gemm_roofline_us(rows[row]->shape, precision, rates, with(p)) /
                         rows[row]->us);
  };
  const std::vector<double> p =
      fit_parameters({{0.7, 0.05, 1.2}, {0.8, 0.05, 1.2}, {2.5, 1.2, 8}, {4, 0.5, 50}}, rows.size(),
                     residual, 2 * kHuber);
  law = with(p);
}

/// A grid against the law's roofline and the grid that it has by now.
GridProblem grid_problem(const Rows& rows, Precision precision, const DeviceRates& rates,
                         const GemmLaw& law) {
  GridProblem problem;
  problem.huber = kHuber;
  GridTerm term{{{"m", kRowKnots}, {"n", kWidthKnots}, {"k", kWidthKnots}}, {}, {}, kSmoothness};
  for (const GemmRow* row : rows) {
    const auto [m, n, k] = row->shape;
    for (const std::int64_t size : {m, n, k}) term.coordinates.push_back(static_cast<double>(size));
    term.scale.push_back(gemm_us(row->shape, precision, rates, law));
    problem.time_us.push_back(row->us);
    problem.weight.push_back(1);
    problem.configuration.push_back(n * 1'000'000 + k);
  }
  problem.terms.push_back(std::move(term));
  return problem;
}

/// Adds the grid that fits `problem` to the law's.
void add_grid(const GridProblem& problem, GemmLaw& law) {
  GridFit fit = fit_grids(problem);
  for (std::size_t i = 0; i < law.grid.log_factors.size(); ++i)
    fit.grids[0].log_factors[i] += law.grid.log_factors[i];
  law.grid = std::move(fit.grids[0]);
  law.quality.median_error = fit.median_error;
  law.quality.p90_error = fit.p90_error;
}

/// The law of fp8 times what the rows say; shapes that the host hides are drawn to the rows' median factor.
void fit_beside_fp8(const Rows& rows, const Rows& hidden, Precision precision,
                    const DeviceRates& rates, GemmLaw& law) {
  const GemmLaw fp8 = law;
  std::vector<double> factors;
  for (const GemmRow* row : rows)
    factors.push_back(row->us / gemm_us(row->shape, precision, rates, fp8));
  const double factor = quantile(factors, 0.5);
  Rows all = rows;
  all.insert(all.end(), hidden.begin(), hidden.end());
  GridProblem problem = grid_problem(all, precision, rates, fp8);
  for (std::size_t i = rows.size(); i < all.size(); ++i) {
    problem.time_us[i] = factor * problem.terms[0].scale[i];
    problem.weight[i] = kHiddenWeight;
  }
  add_grid(problem, law);
}

GemmLaw fit_one(const Measurements& from, Rows rows, Precision precision, const DeviceRates& rates,
                const GemmLaw* fp8) {
  rows = fastest_per_shape(std::move(rows));
  const Rows hidden = take_host_bound(rows, precision, rates, fp8);
  GemmLaw law;
  if (rows.size() < kLeastRows) return law;
  if (!hidden.empty() && fp8) {
    law = *fp8;
    fit_beside_fp8(rows, hidden, precision, rates, law);
  } else {
    fit_roofline(rows, precision, rates, law);
    add_grid(grid_problem(rows, precision, rates, law), law);
  }
  std::vector<std::int32_t> sets;
  for (const GemmRow* row : rows) sets.push_back(row->set);
  law.quality.rows = static_cast<std::int64_t>(rows.size());
  law.quality.source = source_text(from, sets);
  if (!hidden.empty())
    law.quality.source += fmt::format(
        "; {} rows whose time is the host's left out: there, fp8's law times the median factor of "
        "the others",
        hidden.size());
  return law;
}

}  // namespace

std::map<std::string, GemmLaw> fit_gemm(const Measurements& from, const DeviceRates& rates) {
  std::map<std::string, GemmLaw> laws;
  for (const Precision precision : {Precision::bf16, Precision::fp8, Precision::fp8_block,
                                    Precision::nvfp4, Precision::mxfp4, Precision::int4}) {
    Rows rows;
    for (const GemmRow& row : from.gemm)
      if (row.precision == precision) rows.push_back(&row);
    if (rows.size() < kLeastRows || rates.of(precision).count() <= 0) continue;
    const auto fp8 = laws.find("fp8");
    const GemmLaw law = fit_one(from, std::move(rows), precision, rates,
                                fp8 == laws.end() ? nullptr : &fp8->second);
    if (law.quality.rows >= static_cast<std::int64_t>(kLeastRows))
      laws.emplace(precision_name(precision), law);
  }
  return laws;
}

}  // namespace plimsoll
