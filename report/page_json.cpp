#include "report/page_json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace plimsoll::report {

double brief(double value) {
  const std::string text = fmt::format("{:.5g}", value);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

Json brief(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(brief(value));
  return list;
}

Json metrics_json(const SummarySection& section) {
  Json metrics = Json::object();
  for (const Metric& metric : section.metrics) {
    Json json = {{"value", metric.value ? Json(*metric.value) : Json()}};
    if (!metric.value) json["absent"] = metric.absent;
    if (metric.low) json["low"] = *metric.low;
    if (metric.high) json["high"] = *metric.high;
    metrics[metric.key] = std::move(json);
  }
  return metrics;
}

}  // namespace plimsoll::report
