// The JSON report of guidellm, which has moved its keys from version to version: each is looked for where it was.
#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "traces/measurements/benchmark_run.hpp"
#include "traces/measurements/json_place.hpp"
#include "traces/measurements/request_details.hpp"

namespace plimsoll {
namespace {

RequestDetail read_request(const JsonPlace& place) {
  RequestDetail detail;
  detail.request.prompt_tokens = place.at({"prompt_tokens", "prompt_token_count"}).count(1);
  detail.request.output_tokens = place.at({"output_tokens", "output_token_count"}).count(1);
  detail.request.start_s = place.at({"request_start_time", "start_time"}).number(0);
  detail.ttft_s = place.at("time_to_first_token_ms").number(0) * kSecondsPerMillisecond;
  if (detail.request.output_tokens > 1)
    detail.tpot_s = place.at("inter_token_latency_ms").number(0) * kSecondsPerMillisecond;
  return detail;
}

std::vector<RequestDetail> read_requests(const JsonPlace& benchmark) {
  // Once a list; then one list per outcome.
  const JsonPlace requests = benchmark.at("requests");
  const JsonPlace completed =
      requests.value().is_object() ? requests.at({"successful", "completed"}) : requests;
  std::vector<RequestDetail> details;
  for (std::size_t i = 0; i < completed.array().size(); ++i)
    details.push_back(read_request(completed.element(i)));
  return details;
}

/// Of synthetic data with one prefix, as its settings say in their text: {'prefix_tokens': 1024, ...}.
std::int32_t prefix_of(const JsonPlace& report) {
  const auto args = report.find("args");
  const auto data = args ? args->find("data") : std::nullopt;
  if (!data || !data->value().is_array() || data->size() == 0) return 0;
  const JsonPlace settings = data->element(0);
  if (!settings.value().is_string()) return 0;
  const std::string text = settings.text();
  const std::size_t key = text.find("prefix_tokens");
  const bool several = text.find("prefix_count") != std::string::npos;
  if (key == std::string::npos || several) return 0;
  const std::size_t digit = text.find_first_of("0123456789", key);
  return digit == std::string::npos ? 0 : std::atoi(text.c_str() + digit);
}

JsonPlace strategy_of(const JsonPlace& benchmark) {
  return benchmark.at({"config", "args"}).at("strategy");
}

std::int32_t clients_of(const JsonPlace& strategy, const BenchmarkRun& run) {
  const std::string kind = strategy.at({"type_", "type"}).text();
  if (kind == "synchronous") return 1;
  if (kind == "concurrent") return strategy.at({"streams", "max_concurrency"}).count(1);
  if (kind == "throughput") {
    const auto most = strategy.find("max_concurrency");
    return most ? most->count(1) : static_cast<std::int32_t>(run.requests.size());
  }
  if (kind == "constant" || kind == "poisson" || kind == "async") return 0;
  strategy.refuse(fmt::format(
      "\"{}\" is unknown. Known: synchronous, concurrent, throughput, constant, poisson, async.",
      kind));
}

/// What was started but did not complete has loaded the server too, and is not replayed.
void note_lost(const JsonPlace& benchmark, BenchmarkRun& run) {
  const JsonPlace requests = benchmark.at("requests");
  if (!requests.value().is_object()) return;
  for (const char* outcome : {"errored", "incomplete"}) {
    const auto lost = requests.find(outcome);
    if (lost && lost->array().size() > 0)
      run.notes.push_back(fmt::format("{} {} requests are left out.", lost->size(), outcome));
  }
}

}  // namespace

std::vector<BenchmarkRun> read_guidellm(const std::string& path) {
  const nlohmann::json json = parse_json(read_text(path), path);
  const JsonPlace report(json, path);
  std::string tool = "guidellm";
  if (const auto metadata = report.find("metadata"))
    if (const auto version = metadata->find("guidellm_version")) tool += " " + version->text();
  const JsonPlace benchmarks = report.at("benchmarks");
  std::vector<BenchmarkRun> runs;
  for (std::size_t i = 0; i < benchmarks.array().size(); ++i) {
    const JsonPlace benchmark = benchmarks.element(i);
    BenchmarkRun run;
    run.name = fmt::format("{}: benchmarks[{}]", path, i);
    run.tool = tool;
    take_details(read_requests(benchmark), run);
    require_enough(run, benchmark);
    run.concurrency = clients_of(strategy_of(benchmark), run);
    note_lost(benchmark, run);
    run.prefix_tokens = prefix_of(report);
    if (run.prefix_tokens > 0)
      run.notes.push_back(
          fmt::format("all prompts begin with the same {} tokens.", run.prefix_tokens));
    runs.push_back(std::move(run));
  }
  if (runs.empty()) benchmarks.refuse("holds no benchmark.");
  return runs;
}

}  // namespace plimsoll
