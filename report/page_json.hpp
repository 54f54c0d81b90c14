// Data of the page as JSON: numbers as short as a chart needs them, metrics with their intervals.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "results/summary.hpp"

namespace plimsoll::report {

using Json = nlohmann::ordered_json;

/// Five figures: finer than a chart can show, and a third of the bytes.
double brief(double value);
Json brief(const std::vector<double>& values);

/// {key: {"value": number or null, "absent", "low", "high"}}
Json metrics_json(const SummarySection& section);

}  // namespace plimsoll::report
