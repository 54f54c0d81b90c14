// Power of a GPU by batch size: a logistic in the logarithm of the batch.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "core/portable_math.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_curve.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr std::size_t kLeastBatches = 4;
constexpr double kHuber = 0.03;
constexpr double kMostWatts = 5000;
const double kOctave = portable::log(2.0);

using Rows = std::vector<const PowerRow*>;

double watts(double batch, const std::vector<double>& p) {
  return p[0] + p[1] / (1 + portable::exp(-p[2] * (portable::log(batch) / kOctave - p[3])));
}

std::vector<double> fit_logistic(const Rows& rows) {
  double least = rows[0]->watts, most = rows[0]->watts;
  for (const PowerRow* row : rows) {
    least = std::min(least, row->watts);
    most = std::max(most, row->watts);
  }
  return fit_parameters(
      {{0.95 * least, 0.3 * least, least},
       {1.1 * (most - least) + 1, 0, std::min(kMostWatts, 3 * most)},
       {1, 0.2, 3},
       {5, 0, 14}},
      rows.size(),
      [&](std::size_t i, const std::vector<double>& p) {
        return portable::log(watts(rows[i]->batch, p) / rows[i]->watts);
      },
      kHuber);
}

/// Relative errors of rows, each predicted by a fit of the others; the ends of the range are not predicted.
std::vector<double> held_out(const Rows& rows) {
  std::vector<double> errors;
  for (std::size_t i = 1; i + 1 < rows.size(); ++i) {
    Rows others = rows;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    errors.push_back(std::abs(watts(rows[i]->batch, fit_logistic(others)) / rows[i]->watts - 1));
  }
  return errors;
}

std::string name_of(const std::string& profiled, const ModelLookup& models) {
  if (const auto model = models(profiled)) return model->name;
  std::string name = profiled.substr(profiled.rfind('/') + 1);
  for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
  return name;
}

}  // namespace

std::vector<PowerCoefficients> fit_power(const Measurements& from, const ModelLookup& models) {
  std::map<ProfiledModel, Rows> groups;
  for (const PowerRow& row : from.power) {
    ProfiledModel of = row.of;
    of.model = name_of(of.model, models);
    groups[of].push_back(&row);
  }
  std::vector<PowerCoefficients> laws;
  for (auto& [of, rows] : groups) {
    std::sort(rows.begin(), rows.end(), [](const PowerRow* a, const PowerRow* b) {
      return std::pair(a->batch, a->watts) < std::pair(b->batch, b->watts);
    });
    if (rows.size() < kLeastBatches) continue;
    const std::vector<double> p = fit_logistic(rows);
    const std::vector<double> errors = held_out(rows);
    std::vector<std::int32_t> sets;
    for (const PowerRow* row : rows) sets.push_back(row->set);
    laws.push_back({.model = of.model,
                    .dtype = of.dtype,
                    .tensor_parallel = of.tensor,
                    .floor = Watts{p[0]},
                    .range = Watts{p[1]},
                    .steepness = p[2],
                    .midpoint = p[3],
                    .quality = {source_text(from, sets), static_cast<std::int64_t>(rows.size()),
                                quantile(errors, 0.5), quantile(errors, 0.9)}});
  }
  return laws;
}

}  // namespace plimsoll
