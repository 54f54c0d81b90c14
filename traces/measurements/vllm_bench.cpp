// The results of vLLM's own benchmark client.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/exponential.hpp"
#include "core/random_stream.hpp"
#include "traces/measurements/benchmark_run.hpp"
#include "traces/measurements/json_place.hpp"
#include "traces/measurements/request_details.hpp"

namespace plimsoll {
namespace {

/// The element of a list that --save-detailed writes beside the others; all have one element per request.
JsonPlace listed(const JsonPlace& result, const char* name, std::size_t index, std::size_t size) {
  const JsonPlace list = result.at(name);
  if (list.array().size() != size)
    list.refuse(fmt::format("has {} elements, but input_lens has {}.", list.size(), size));
  return list.element(index);
}

bool failed(const JsonPlace& result, std::size_t index, std::size_t size) {
  if (!result.find("errors")) return false;
  const JsonPlace error = listed(result, "errors", index, size);
  return !error.is_null() && !error.text().empty();
}

/// First token to last.
double decode_s(const JsonPlace& gaps) {
  double sum = 0;
  for (std::size_t i = 0; i < gaps.array().size(); ++i) sum += gaps.element(i).number(0);
  return sum;
}

/// The requests of --save-detailed; a failed one has no first token.
std::vector<RequestDetail> details_of(const JsonPlace& result) {
  const std::size_t size = result.at("input_lens").array().size();
  const bool with_starts = result.find("start_times").has_value();
  std::vector<RequestDetail> details;
  for (std::size_t i = 0; i < size; ++i) {
    if (failed(result, i, size)) continue;
    if (listed(result, "output_lens", i, size).count(0) == 0) continue;  // it failed without a word
    RequestDetail detail;
    detail.request.prompt_tokens = listed(result, "input_lens", i, size).count(1);
    detail.request.output_tokens = listed(result, "output_lens", i, size).count(1);
    if (with_starts) detail.request.start_s = listed(result, "start_times", i, size).number(0);
    detail.ttft_s = listed(result, "ttfts", i, size).number(0);
    const double decoding_s = decode_s(listed(result, "itls", i, size));
    if (detail.request.output_tokens > 1)
      detail.tpot_s = decoding_s / (detail.request.output_tokens - 1);
    details.push_back(detail);
  }
  return details;
}

void take_summary(const JsonPlace& result, BenchmarkRun& run) {
  const std::int32_t completed = result.at("completed").count(1);
  const double prompts = result.at({"total_input_tokens", "total_input"}).number(1);
  const double outputs = result.at({"total_output_tokens", "total_output"}).number(1);
  const auto mean = [&](double total) {
    return std::max(1, static_cast<std::int32_t>(std::lround(total / completed)));
  };
  run.requests.assign(static_cast<std::size_t>(completed), {mean(prompts), mean(outputs), 0});
  run.ttft_s = result.at("mean_ttft_ms").number(0) * kSecondsPerMillisecond;
  if (mean(outputs) > 1) run.tpot_s = result.at("mean_tpot_ms").number(0) * kSecondsPerMillisecond;
  run.notes.push_back(
      "no details: every request is taken to have the mean lengths, so that clients keep in step; "
      "--save-detailed tells the lengths.");
}

/// Exponential gaps, as the client draws them by default; the same ones every time.
void draw_starts(double rate, BenchmarkRun& run) {
  const RandomStream draw(0, "traces/measurements/vllm_bench", "starts");
  SimTime now{};
  std::uint64_t index = 0;
  for (BenchmarkRequest& request : run.requests) {
    request.start_s = to_seconds(now);
    now += exponential(from_seconds(1 / rate), draw.bits(index++));
  }
  run.notes.push_back("no start times: arrivals are drawn, Poisson at the stated rate.");
}

/// A finite rate, or nothing for "inf": all at once.
std::optional<double> rate_of(const JsonPlace& result) {
  const auto rate = result.find("request_rate");
  if (!rate) return std::nullopt;
  if (rate->value().is_string() && rate->text() == "inf") return std::nullopt;
  const double per_second = rate->number(0);
  if (per_second == 0) rate->refuse("0 requests per second is no load.");
  return per_second;
}

BenchmarkRun read_result(const JsonPlace& result, const std::string& name) {
  BenchmarkRun run;
  run.name = name;
  run.tool = "vllm bench serve";
  const bool detailed = result.find("input_lens").has_value();
  if (detailed) {
    take_details(details_of(result), run);
  } else {
    take_summary(result, run);
  }
  if (const auto sent = result.find("num_prompts")) {
    const auto lost =
        static_cast<std::int64_t>(sent->count(0)) - static_cast<std::int64_t>(run.requests.size());
    if (lost > 0) run.notes.push_back(fmt::format("{} failed requests are left out.", lost));
  }
  require_enough(run, result);
  const auto rate = rate_of(result);
  const auto clients = result.find("max_concurrency");
  if (clients) {
    run.concurrency = clients->count(1);
    if (rate)
      run.notes.push_back("a request rate below max_concurrency is not kept: taken as closed.");
  } else if (!rate) {
    run.concurrency = static_cast<std::int32_t>(run.requests.size());
  } else if (!detailed || !result.find("start_times")) {
    draw_starts(*rate, run);
  }
  return run;
}

}  // namespace

std::vector<BenchmarkRun> read_vllm_bench(const std::string& path) {
  const std::string text = read_text(path);
  std::vector<BenchmarkRun> runs;
  // --append-result writes one document behind the other, each on one line.
  std::size_t begin = 0;
  const std::size_t first_end = text.find('\n');
  const bool lines = first_end != std::string::npos &&
                     text.find_first_not_of(" \r\n\t", first_end) != std::string::npos &&
                     nlohmann::json::accept(text.substr(0, first_end));
  for (int line = 1; begin < text.size(); ++line) {
    const std::size_t end = lines ? std::min(text.find('\n', begin), text.size()) : text.size();
    const std::string document = text.substr(begin, end - begin);
    begin = end + 1;
    if (document.find_first_not_of(" \r\n\t") == std::string::npos) continue;
    const std::string name = lines ? fmt::format("{}:{}", path, line) : path;
    const nlohmann::json json = parse_json(lines ? document : text, name);
    runs.push_back(read_result(JsonPlace(json, name), name));
  }
  if (runs.empty()) throw ConfigError(Position{path}, "holds no result.");
  return runs;
}

}  // namespace plimsoll
