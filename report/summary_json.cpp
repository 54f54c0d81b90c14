// The keys keep the order of the summary.
#include "report/summary_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/job_reasons.hpp"

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

Json reason_json(const JobTables& jobs, const JobReasonFact& reason) {
  const JobFact& job = jobs.jobs[reason.job];
  Json json = {{"job", jobs.names[reason.job]},
               {"status", job.status == JobStatus::rejected ? "rejected" : "pending"},
               {"source", jobs.sources[job.source]},
               {"queue", jobs.queues[job.queue]},
               {"user", jobs.users[job.user]},
               {"gpus", job.gpus},
               {"queued_s", static_cast<double>(job.queued_ns) * 1e-9},
               {"reason", jobs.reason_names[reason.reason]},
               {"blocking_job", nullptr},
               {"nearest_node", nullptr},
               {"text", reason.text}};
  if (reason.blocking >= 0)
    json["blocking_job"] = jobs.names[static_cast<std::size_t>(reason.blocking)];
  json["nodes_turned_away"] = {{"unschedulable", reason.nodes_unschedulable},
                               {"gpu_kind", reason.nodes_gpu_kind},
                               {"gpus", reason.nodes_gpus},
                               {"cpu", reason.nodes_cpu},
                               {"memory", reason.nodes_memory}};
  if (reason.nearest_node < 0) return json;
  json["nearest_node"] = {{"node", jobs.nodes[static_cast<std::size_t>(reason.nearest_node)].name},
                          {"missing_gpus", static_cast<double>(reason.missing_gpu_milli) / 1000},
                          {"missing_cpus", static_cast<double>(reason.missing_cpu_milli) / 1000},
                          {"missing_memory_bytes", reason.missing_memory_bytes}};
  return json;
}

Json jobs_json(const JobTables& jobs, const SummarySection& section) {
  constexpr std::size_t kMostReasons = 1000;
  Json json = {{"scheduling", jobs.scheduling},
               {"estimates", jobs.estimates},
               {"sources", jobs.sources},
               {"nodes", jobs.nodes.size()}};
  json.update(section_json(section));
  const std::vector<std::uint32_t> order = report::reasons_in_order(jobs);
  const std::size_t listed = std::min(order.size(), kMostReasons);
  json["reasons"] = Json::array();
  for (std::size_t i = 0; i < listed; ++i)
    json["reasons"].push_back(reason_json(jobs, jobs.reasons[order[i]]));
  json["reasons_left_out"] = order.size() - listed;
  return json;
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
  if (facts.jobs) json["jobs"] = jobs_json(*facts.jobs, *summary.jobs);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace plimsoll
