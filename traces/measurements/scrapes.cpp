// Telemetry as a load point: lengths from histograms, concurrency from gauges.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/random_stream.hpp"
#include "traces/measurements/benchmark_run.hpp"
#include "traces/measurements/json_place.hpp"
#include "traces/measurements/prometheus.hpp"

namespace plimsoll {
namespace {

/// The value below which `share` of the histogram lies, linear within a bucket.
double quantile(const MetricHistogram& histogram, double share) {
  const double wanted = share * histogram.up_to.rbegin()->second;
  double low = 0;
  double below = 0;
  for (const auto& [bound, count] : histogram.up_to) {
    if (count >= wanted && count > below) {
      if (!std::isfinite(bound)) return low;
      return low + (bound - low) * (wanted - below) / (count - below);
    }
    if (std::isfinite(bound)) low = bound;
    below = count;
  }
  return low;
}

/// As many lengths as asked for, spread evenly over the histogram, scaled to its mean, in a mixed order.
std::vector<std::int32_t> draw_lengths(const MetricHistogram& histogram, std::size_t count,
                                       const char* purpose) {
  std::vector<double> values;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    values.push_back(histogram.up_to.empty() ? 1 : quantile(histogram, share));
    sum += values.back();
  }
  const double mean = histogram.sum / histogram.count;
  const double scale = sum > 0 ? mean * static_cast<double>(count) / sum : 1;
  const RandomStream draw(0, "traces/measurements/scrapes", purpose);
  std::vector<std::pair<std::uint64_t, std::int32_t>> keyed;
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::int32_t>(std::lround(values[i] * scale));
    keyed.emplace_back(draw.bits(i), std::max(1, length));
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::int32_t> lengths;
  for (const auto& [key, length] : keyed) lengths.push_back(length);
  return lengths;
}

double mean_of(const MetricHistogram& histogram) { return histogram.sum / histogram.count; }

}  // namespace

BenchmarkRun read_scrapes(const std::string& before, const std::string& after) {
  const MetricInterval interval(before, after);
  const MetricHistogram prompts = interval.histogram({"vllm:request_prompt_tokens"});
  const MetricHistogram outputs = interval.histogram({"vllm:request_generation_tokens"});
  if (prompts.count < static_cast<double>(kFewestRequests))
    throw ConfigError(Position{after},
                      fmt::format("{} completed requests since {} are too few for a fit; {} are "
                                  "needed.",
                                  prompts.count, before, kFewestRequests));
  BenchmarkRun run;
  run.name = before + " to " + after;
  run.tool = "Prometheus, vLLM metrics";
  run.ttft_s = mean_of(interval.histogram({"vllm:time_to_first_token_seconds"}));
  if (mean_of(outputs) > 1)
    run.tpot_s = mean_of(interval.histogram({"vllm:request_time_per_output_token_seconds",
                                             "vllm:inter_token_latency_seconds",
                                             "vllm:time_per_output_token_seconds"}));
  const double open = interval.mean_gauge("vllm:num_requests_running") +
                      interval.mean_gauge("vllm:num_requests_waiting");
  const double each = open / static_cast<double>(interval.instances());
  run.concurrency = std::max(1, static_cast<std::int32_t>(std::lround(each)));
  const std::size_t wanted =
      std::max<std::size_t>(200, 4 * static_cast<std::size_t>(run.concurrency));
  const std::vector<std::int32_t> prompt = draw_lengths(prompts, wanted, "prompt");
  const std::vector<std::int32_t> output = draw_lengths(outputs, wanted, "output");
  for (std::size_t i = 0; i < wanted; ++i) run.requests.push_back({prompt[i], output[i], 0});
  run.notes.push_back(
      fmt::format("concurrency {} is the mean of the gauges at both scrapes.", run.concurrency));
  return run;
}

ResultKind result_kind(const std::string& path) {
  const std::string text = read_text(path);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) throw ConfigError(Position{path}, "is empty.");
  if (text[start] != '{') return ResultKind::prometheus;
  if (text.find("\"resultType\"") != std::string::npos) return ResultKind::prometheus;
  if (text.find("\"benchmarks\"") != std::string::npos) return ResultKind::guidellm;
  return ResultKind::vllm_bench;
}

}  // namespace plimsoll
