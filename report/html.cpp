// The page is report/page.html, which the build embeds; the run becomes one JSON object in its place.
#include "report/html.hpp"

#include <algorithm>
#include <string_view>

#include "core/assert.hpp"
#include "report/curves.hpp"
#include "report/job_html.hpp"

namespace plimsoll::report {
extern const std::string_view page_template;  // written by report/CMakeLists.txt from page.html
}

namespace plimsoll {
namespace {

using report::brief;
using report::Json;
using report::metrics_json;

Json curves_json(const PoolFacts& pool, std::int64_t end_ns) {
  const report::LatencyCurves curves = report::latency_curves(tally(pool, end_ns));
  return {{"ttft", brief(curves.ttft_s)},
          {"tpot", brief(curves.tpot_s)},
          {"itl", brief(curves.itl_s)},
          {"e2e", brief(curves.e2e_s)}};
}

Json time_line_json(const PoolFacts& pool, std::size_t max_rows) {
  const report::TimeLine line = report::time_line(pool, max_rows);
  return {{"time_s", brief(line.time_s)},
          {"arrived_per_s", brief(line.arrived_per_s)},
          {"completed_per_s", brief(line.completed_per_s)},
          {"queued", brief(line.queued)},
          {"running", brief(line.running)},
          {"transferring", brief(line.transferring)},
          {"utilization_share", brief(line.utilization_share)},
          {"kv_use_share", brief(line.kv_use_share)}};
}

Json pool_json(const PoolFacts& pool, const RunFacts& facts, std::size_t max_rows) {
  return {{"name", pool.name},
          {"model", pool.model},
          {"gpu", pool.gpu},
          {"routing", pool.routing},
          {"replicas", pool.replicas},
          {"gpus_per_replica", pool.gpus_per_replica},
          {"prefill_replicas", pool.prefill.replicas},
          {"prefill_gpus_per_replica", pool.prefill.gpus_per_replica},
          {"prefill_gpu", pool.prefill.gpu},
          {"step_time_level", pool.step_time_level},
          {"extrapolations", pool.extrapolations},
          {"curves_s", curves_json(pool, facts.end_ns)},
          {"time_line", time_line_json(pool, max_rows)}};
}

Json run_json(const RunFacts& facts, const Summary& summary) {
  constexpr std::size_t kMostRows = 600;
  constexpr std::size_t kRowsOfAllPools = 2400;  // keeps the page of many pools small
  const std::size_t pools = std::max<std::size_t>(facts.pools.size(), 1);
  const std::size_t rows = std::clamp<std::size_t>(kRowsOfAllPools / pools, 60, kMostRows);
  Json run = {
      {"version", facts.version},
      {"seed", std::to_string(facts.seed)},  // 64 bits: more than a number of JavaScript holds
      {"digest", facts.digest},
      {"end_s", static_cast<double>(facts.end_ns) * 1e-9},
      {"horizon_s", static_cast<double>(facts.horizon_ns) * 1e-9},
      {"scenario_yaml", facts.scenario_yaml},
      {"cdf_shares", brief(report::cdf_shares())},
      {"total", metrics_json(summary.total)}};
  run["pools"] = Json::array();
  for (std::size_t i = 0; i < facts.pools.size(); ++i) {
    Json pool = pool_json(facts.pools[i], facts, rows);
    pool["metrics"] = metrics_json(summary.pools[i]);
    run["pools"].push_back(std::move(pool));
  }
  if (facts.jobs) run["jobs"] = report::job_page_json(facts, *summary.jobs);
  return run;
}

/// JSON that may stand inside a script element: no text of the run can end the element or open a comment in it.
std::string embeddable(const Json& json) {
  std::string result;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<') {
      result += "\\u003c";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string render_html(const RunFacts& facts, const Summary& summary) {
  constexpr std::string_view kPlace = "{{RUN}}";
  std::string page(report::page_template);
  const std::size_t at = page.find(kPlace);
  PLIMSOLL_ASSERT(at != std::string::npos, "page.html of {} bytes", page.size());
  page.replace(at, kPlace.size(), embeddable(run_json(facts, summary)));
  return page;
}

}  // namespace plimsoll
