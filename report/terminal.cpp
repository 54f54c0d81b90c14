// One function per line of the block, in the order of a planner's questions: what ran, how fast, within which
// objective, on how much of the machines, at what price, and how sure that is.
#include "report/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "report/format.hpp"
#include "report/job_terminal.hpp"
#include "report/text_cells.hpp"

namespace plimsoll {
namespace {

using namespace report;

std::string pool_line(const PoolFacts& pool) {
  const std::string own =
      fmt::format("{} x {} {}", pool.replicas, pool.gpus_per_replica, printable(pool.gpu));
  const std::string routed =
      fmt::format("({} GPUs), routed by {}", pool.gpus(), printable(pool.routing));
  const std::string what = fmt::format("{}: {} on", printable(pool.name), printable(pool.model));
  if (pool.prefill.replicas == 0) return fmt::format("{} {} {}", what, own, routed);
  return fmt::format("{} {} x {} {} for prefill\n  and {} for decode {}", what,
                     pool.prefill.replicas, pool.prefill.gpus_per_replica,
                     printable(pool.prefill.gpu), own, routed);
}

void write_requests(const SummarySection& section, Text out) {
  const auto count = [&](const char* key) { return text_of(section, key, count_text); };
  fmt::format_to(out, "  {:<10}{} arrived, {} completed, {} rejected, {} unfinished\n", "Requests",
                 count("requests_arrived"), count("requests_completed"), count("requests_rejected"),
                 count("requests_unfinished"));
}

void write_latencies(const SummarySection& section, Text out) {
  fmt::format_to(out, "\n  {:<10}{:<28}{:<28}{}\n", "Latency", "p50", "p90", "p99");
  std::vector<std::string> notes;
  for (const char* name : {"ttft", "itl", "tpot", "e2e"}) {
    std::string line;
    for (const char* share : {"p50", "p90", "p99"}) {
      const Metric& metric = section.at(fmt::format("{}_{}_s", name, share));
      const std::string cell =
          metric.value
              ? latency_interval_text(*metric.value, pointer(metric.low), pointer(metric.high))
              : "n/a";
      if (!metric.value) notes.push_back(fmt::format("{} {}: {}", name, share, metric.absent));
      fmt::format_to(std::back_inserter(line), "{:<28}", cell);
    }
    std::string label(name);
    std::transform(label.begin(), label.end(), label.begin(),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::format_to(out, "    {:<8}{}\n", label, line);
  }
  for (const std::string& note : notes) fmt::format_to(out, "    {}\n", note);
}

void write_error(const SummarySection& section, std::string_view level,
                 std::string_view extrapolations, Text out) {
  fmt::format_to(out, "    [ ]: 95 % interval of chance, over completed requests.\n");
  const Metric& error = section.at("step_time_error_share");
  const std::string level_text = level.empty() ? "" : fmt::format(" ({})", printable(level));
  if (error.value) {
    const Metric& p90 = section.at("step_time_error_p90_share");
    fmt::format_to(out, "    The step-time model{} errs by a median of {} on top of it{}.\n",
                   level_text, share_text(*error.value),
                   p90.value ? fmt::format(", 90th percentile {}", share_text(*p90.value)) : "");
  } else {
    fmt::format_to(out, "    Error of the step-time model{}: {}.\n", level_text, error.absent);
  }
  while (!extrapolations.empty()) {
    const std::size_t end = extrapolations.find('\n');
    fmt::format_to(out, "    {}\n", printable(extrapolations.substr(0, end)));
    extrapolations.remove_prefix(end == std::string_view::npos ? extrapolations.size() : end + 1);
  }
  fmt::format_to(out, "\n");
}

void write_objectives(const SummarySection& section, Text out) {
  const Metric& met = section.at("slo_attainment_share");
  if (!met.value) {
    fmt::format_to(out, "  {:<10}n/a ({})\n", "SLO", met.absent);
    return;
  }
  fmt::format_to(out, "  {:<10}{} of arrived requests met every objective\n", "SLO",
                 share_text(*met.value));
  for (const std::string name : {"ttft", "tpot"}) {
    const Metric& share = section.at(fmt::format("slo_{}_attainment_share", name));
    if (!share.value) continue;
    const Metric& limit = section.at(fmt::format("slo_{}_s", name));
    const std::string within = limit.value ? "<= " + latency_text(*limit.value) : "of its pool";
    fmt::format_to(out, "  {:<10}{} {}: {}\n", "", name == "ttft" ? "TTFT" : "TPOT", within,
                   share_text(*share.value));
  }
  fmt::format_to(out, "  {:<10}{} of {} completed requests/s\n", "Goodput",
                 text_of(section, "goodput_requests_per_s", number_text),
                 text_of(section, "requests_per_s", number_text));
}

void write_use(const SummarySection& section, Text out) {
  fmt::format_to(out, "  {:<10}{} prompt and {} output tokens/s, mean batch {} requests\n", "Load",
                 text_of(section, "prompt_tokens_per_s", number_text),
                 text_of(section, "output_tokens_per_s", number_text),
                 text_of(section, "batch_mean_requests", number_text));
  const Metric& mean = section.at("kv_use_mean_share");
  const std::string average =
      mean.value ? fmt::format("{} in use on average, ", share_text(*mean.value)) : "";
  fmt::format_to(out, "  {:<10}{}{} at the fullest, {} preemptions\n", "KV cache", average,
                 text_of(section, "kv_use_peak_share", share_text),
                 text_of(section, "preemptions", count_text));
  if (section.at("kv_transfer_mean_s").value) {
    const auto time = [&](const char* key) { return text_of(section, key, latency_text); };
    fmt::format_to(out, "  {:<10}from prefill to decode in {} on average, p99 {};\n", "KV moved",
                   time("kv_transfer_mean_s"), time("kv_transfer_p99_s"));
    fmt::format_to(out, "  {:<10}before that it waits {} on average, p99 {}\n", "",
                   time("kv_transfer_wait_mean_s"), time("kv_transfer_wait_p99_s"));
  }
  const std::string gpus = text_of(section, "pool_gpus", count_text);
  const std::string all = text_of(section, "provisioned_gpus", count_text);
  fmt::format_to(out, "  {:<10}{} GPUs, in an iteration {} of the time", "GPUs", gpus,
                 text_of(section, "gpu_utilization_share", share_text));
  if (gpus != all) {
    fmt::format_to(out, "; of all {} in the cluster {}", all,
                   text_of(section, "provisioned_gpu_utilization_share", share_text));
  }
  fmt::format_to(out, "\n");
}

void write_cost(const SummarySection& section, Text out) {
  fmt::format_to(out, "  {:<10}{}: {} per million output tokens, {} per million tokens in all\n",
                 "Cost", text_of(section, "cost_usd", usd_text),
                 text_of(section, "cost_usd_per_million_output_tokens", usd_text),
                 text_of(section, "cost_usd_per_million_total_tokens", usd_text));
  fmt::format_to(out, "  {:<10}{} kWh: {} kWh per million output tokens\n", "Energy",
                 text_of(section, "energy_kwh", number_text),
                 text_of(section, "energy_kwh_per_million_output_tokens", number_text));
}

void write_block(const SummarySection& section, std::string_view title, std::string_view level,
                 std::string_view extrapolations, Text out) {
  fmt::format_to(out, "\n{}\n", title);
  write_requests(section, out);
  write_latencies(section, out);
  write_error(section, level, extrapolations, out);
  write_objectives(section, out);
  write_use(section, out);
  write_cost(section, out);
}

void write_pools(const RunFacts& facts, const Summary& summary, Text out) {
  const bool alone = facts.pools.size() == 1 && !facts.jobs;  // then all of the cluster is its
  for (std::size_t i = 0; i < facts.pools.size(); ++i) {
    const PoolFacts& pool = facts.pools[i];
    write_block(alone ? summary.total : summary.pools[i], pool_line(pool), pool.step_time_level,
                pool.extrapolations, out);
  }
  if (facts.pools.size() > 1)
    write_block(summary.total, fmt::format("All {} pools", facts.pools.size()), "", "", out);
}

}  // namespace

std::string render_summary(const RunFacts& facts, const Summary& summary) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "Plimsoll {}: {} simulated, seed {}\n", facts.version,
                 duration_text(static_cast<double>(facts.end_ns) * 1e-9), facts.seed);
  write_pools(facts, summary, out);
  if (facts.jobs) text += job_block(*facts.jobs, *summary.jobs);
  fmt::format_to(out, "\nDigest {}\n", facts.digest);
  return text;
}

}  // namespace plimsoll
