#include "report/job_html.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "report/gantt.hpp"
#include "report/job_curves.hpp"
#include "report/job_reasons.hpp"

namespace plimsoll::report {
namespace {

constexpr std::array kStatusNames = {"pending", "running", "finished", "rejected"};

Json gpu_kinds_json(const JobTables& jobs) {
  std::map<std::string, std::uint64_t> kinds;
  for (const JobNode& node : jobs.nodes)
    if (node.gpus > 0) kinds[node.gpu] += node.gpus;
  Json json = Json::object();
  for (const auto& [kind, gpus] : kinds) json[kind] = gpus;
  return json;
}

Json time_line_json(const JobTables& jobs, std::int64_t end_ns) {
  constexpr std::size_t kRows = 480;
  const JobTimeLine line = job_time_line(jobs, end_ns, kRows);
  return {{"time_s", brief(line.time_s)},
          {"allocated", brief(line.allocated)},
          {"fragmented", brief(line.fragmented)},
          {"pending_gpus", brief(line.pending_gpus)},
          {"running", brief(line.running)},
          {"pending", brief(line.pending)},
          {"allocated_usd_per_day", brief(line.allocated_usd_per_day)},
          {"fragmented_usd_per_day", brief(line.fragmented_usd_per_day)}};
}

Json job_json(const JobTables& jobs, std::uint32_t row) {
  const JobFact& job = jobs.jobs[row];
  return {{"name", jobs.names[row]},
          {"gpus", job.gpus},
          {"source", job.source},
          {"queue", job.queue},
          {"user", job.user},
          {"status", kStatusNames.at(static_cast<std::size_t>(job.status))},
          {"submit_s", static_cast<double>(job.submit_ns) * 1e-9},
          {"queued_s", static_cast<double>(job.queued_ns) * 1e-9},
          {"executed_s", static_cast<double>(job.executed_ns) * 1e-9},
          {"preemptions", job.preemptions}};
}

Json counts_json(const JobTables& jobs, JobStatus status) {
  Json json = Json::array();
  for (const auto& [reason, count] : reason_counts(jobs, status)) json.push_back({reason, count});
  return json;
}

Json reasons_json(const JobTables& jobs) {
  constexpr std::size_t kMostReasons = 200;
  const std::vector<std::uint32_t> order = reasons_in_order(jobs);
  const std::size_t listed = std::min(order.size(), kMostReasons);
  Json list = Json::array();
  for (std::size_t i = 0; i < listed; ++i) {
    const JobReasonFact& reason = jobs.reasons[order[i]];
    Json json = job_json(jobs, reason.job);
    json["reason"] = jobs.reason_names[reason.reason];
    json["text"] = text_of(reason);
    list.push_back(std::move(json));
  }
  return {{"pending", counts_json(jobs, JobStatus::pending)},
          {"rejected", counts_json(jobs, JobStatus::rejected)},
          {"listed", std::move(list)},
          {"left_out", order.size() - listed}};
}

/// Jobs that ran at last, after the longest waits.
Json longest_queued_json(const JobTables& jobs) {
  constexpr std::size_t kShown = 15;
  std::vector<std::uint32_t> order(jobs.jobs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::erase_if(order, [&](std::uint32_t row) {
    return jobs.jobs[row].starts == 0 || jobs.jobs[row].queued_ns == 0;
  });
  const std::size_t shown = std::min(order.size(), kShown);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      const std::int64_t of_a = jobs.jobs[a].queued_ns;
                      const std::int64_t of_b = jobs.jobs[b].queued_ns;
                      return of_a != of_b ? of_a > of_b : a < b;
                    });
  Json list = Json::array();
  for (std::size_t i = 0; i < shown; ++i) list.push_back(job_json(jobs, order[i]));
  return list;
}

}  // namespace

Json job_page_json(const RunFacts& facts, const SummarySection& section) {
  const JobTables& jobs = *facts.jobs;
  const JobTimeCurves curves = job_time_curves(jobs, facts.end_ns);
  return {{"scheduling", jobs.scheduling},
          {"estimates", jobs.estimates},
          {"sources", jobs.sources},
          {"queues", jobs.queues},
          {"users", jobs.users},
          {"gpu_kinds", gpu_kinds_json(jobs)},
          {"metrics", metrics_json(section)},
          {"curves_s", {{"jct", brief(curves.jct_s)}, {"queued", brief(curves.queued_s)}}},
          {"time_line", time_line_json(jobs, facts.end_ns)},
          {"reasons", reasons_json(jobs)},
          {"longest_queued", longest_queued_json(jobs)},
          {"gantt", gantt_json(jobs, facts.end_ns)}};
}

}  // namespace plimsoll::report
