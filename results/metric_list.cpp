#include "results/metric_list.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace plimsoll {
namespace {

Metric quantile_metric(const Distribution& values, double share, double estimate, double units) {
  const Distribution::Interval interval = values.interval_95(share, estimate);
  Metric metric;
  metric.value = estimate / units;
  if (interval.low) metric.low = static_cast<double>(*interval.low) / units;
  if (interval.high) metric.high = static_cast<double>(*interval.high) / units;
  return metric;
}

}  // namespace

void add(Metrics& metrics, std::string key, double value) {
  Metric metric;
  metric.key = std::move(key);
  metric.value = value;
  metrics.push_back(std::move(metric));
}

void add_absent(Metrics& metrics, std::string key, std::string why) {
  Metric metric;
  metric.key = std::move(key);
  metric.absent = std::move(why);
  metrics.push_back(std::move(metric));
}

void add_ratio(Metrics& metrics, std::string key, double part, double whole, const char* why) {
  if (whole > 0) return add(metrics, std::move(key), part / whole);
  add_absent(metrics, std::move(key), why);
}

void add_quantiles(Metrics& metrics, const Distribution& values, double units,
                   std::span<const Quantile> wanted) {
  std::vector<double> shares;
  for (const Quantile& each : wanted) shares.push_back(each.share);
  const std::vector<double> estimates = values.quantiles(shares);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double share = shares[i];
    const auto needed = static_cast<std::uint64_t>(std::llround(1 / (1 - share)));
    Metric metric;
    if (values.size() >= needed) {
      metric = quantile_metric(values, share, estimates[i], units);
    } else {
      metric.absent = fmt::format("not enough data: {} values, {} needed", values.size(), needed);
    }
    metric.key = wanted[i].key;
    metric.samples = values.size();
    metrics.push_back(std::move(metric));
  }
}

void add_quantiles(Metrics& metrics, const std::string& name, const Distribution& values,
                   double units_per_second) {
  const std::array<Quantile, 3> wanted = {
      {{0.5, name + "_p50_s"}, {0.9, name + "_p90_s"}, {0.99, name + "_p99_s"}}};
  add_quantiles(metrics, values, units_per_second, wanted);
}

}  // namespace plimsoll
