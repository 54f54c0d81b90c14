#include "planner/validation/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.hpp"

namespace plimsoll {

void check(const Prediction& prediction) {
  const auto sound = [](double number) { return std::isfinite(number) && number > 0; };
  if (sound(prediction.measured) && sound(prediction.predicted)) return;
  throw ConfigError(
      Position{},
      fmt::format("{}: row {}: {} is measured as {} and predicted as {}: both must be above 0.",
                  prediction.set, prediction.row, prediction.metric, prediction.measured,
                  prediction.predicted));
}

double sample_quantile(std::vector<double> numbers, double share) {
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(numbers.begin(), numbers.end());
  const double place = share * static_cast<double>(numbers.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, numbers.size() - 1);
  const double part = place - static_cast<double>(below);
  return numbers[below] + part * (numbers[above] - numbers[below]);
}

void RankAgreement::add(const std::vector<const Prediction*>& ranked) {
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    for (std::size_t j = i + 1; j < ranked.size(); ++j) {
      const double measured = ranked[i]->measured - ranked[j]->measured;
      const double predicted = ranked[i]->predicted - ranked[j]->predicted;
      if (measured == 0) continue;
      ++pairs;
      if (measured * predicted > 0) ++concordant;
      if (measured * predicted < 0) ++discordant;
    }
  }
}

double RankAgreement::tau() const {
  if (pairs == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(concordant - discordant) / static_cast<double>(pairs);
}

ErrorSummary summarize(const std::vector<const Prediction*>& predictions) {
  ErrorSummary summary;
  std::vector<double> errors;
  std::vector<double> sizes;
  std::map<std::string, std::vector<const Prediction*>> ranked;
  for (const Prediction* prediction : predictions) {
    if (prediction->anchor_point) {
      ++summary.anchors;
      continue;
    }
    errors.push_back(prediction->error());
    sizes.push_back(std::abs(prediction->error()));
    if (!prediction->ranked_among.empty()) ranked[prediction->ranked_among].push_back(prediction);
  }
  RankAgreement agreement;
  for (const auto& [name, group] : ranked) agreement.add(group);
  summary.rows = errors.size();
  summary.median_error = sample_quantile(sizes, 0.5);
  summary.signed_median = sample_quantile(errors, 0.5);
  summary.p90_error = sample_quantile(sizes, 0.9);
  summary.kendall_tau = agreement.tau();
  summary.pairs = static_cast<std::size_t>(agreement.pairs);
  return summary;
}

}  // namespace plimsoll
