// The keys keep the order of the summary.
#include "report/summary_json.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

Json value_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json section_json(const SummarySection& section) {
  Json json = Json::object();
  Json intervals = Json::object();
  Json samples = Json::object();
  Json absent = Json::object();
  for (const Metric& metric : section.metrics) {
    json[metric.key] = value_or_null(metric.value);
    if (metric.low || metric.high) {
      intervals[metric.key] = {value_or_null(metric.low), value_or_null(metric.high)};
    }
    if (metric.samples > 0) samples[metric.key] = metric.samples;
    if (!metric.value) absent[metric.key] = metric.absent;
  }
  json["intervals_95"] = std::move(intervals);
  json["samples"] = std::move(samples);
  json["absent"] = std::move(absent);
  return json;
}

/// An array of sentences.
Json extrapolations_of(const PoolFacts& pool) {
  Json sentences = Json::array();
  std::istringstream lines(pool.extrapolations);
  for (std::string line; std::getline(lines, line);) sentences.push_back(line);
  return sentences;
}

}  // namespace

std::string summary_json(const RunFacts& facts, const Summary& summary) {
  Json json = {{"version", facts.version}, {"seed", facts.seed}, {"digest", facts.digest}};
  json["total"] = section_json(summary.total);
  json["pools"] = Json::object();
  for (std::size_t i = 0; i < summary.pools.size(); ++i) {
    const PoolFacts& pool = facts.pools[i];
    Json section = {{"model", pool.model}, {"gpu", pool.gpu}, {"routing", pool.routing}};
    section["step_time_level"] = pool.step_time_level;
    section["extrapolations"] = extrapolations_of(pool);
    section.update(section_json(summary.pools[i]));
    json["pools"][pool.name] = std::move(section);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace plimsoll
