// In the order of a planner's questions: what ran under which policy, what became of it, how long it took, on how much
// of the machines, at what price, and what does not run and why.
#include "report/job_terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/format.hpp"
#include "report/job_reasons.hpp"
#include "report/text_cells.hpp"

namespace plimsoll::report {
namespace {

/// "64 nvidia_h100_sxm", or how many of how many kinds.
std::string gpus_line(const JobTables& jobs) {
  constexpr std::size_t kMostKinds = 3;
  std::map<std::string, std::uint64_t> kinds;
  std::uint64_t gpus = 0;
  for (const JobNode& node : jobs.nodes) {
    gpus += node.gpus;
    if (node.gpus > 0) kinds[node.gpu] += node.gpus;
  }
  if (kinds.size() > kMostKinds)
    return fmt::format("{} GPUs of {} kinds", count_text(static_cast<double>(gpus)), kinds.size());
  std::string text;
  for (const auto& [kind, count] : kinds) {
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : " + ",
                   count_text(static_cast<double>(count)), printable(kind));
  }
  return text.empty() ? "no GPUs" : text;
}

std::string title(const JobTables& jobs) {
  std::string sources;
  for (const std::string& source : jobs.sources) {
    fmt::format_to(std::back_inserter(sources), "{}{}", sources.empty() ? "" : ", ",
                   printable(source));
  }
  const std::string estimates =
      jobs.estimates == "none" ? "" : fmt::format(", {} estimates", printable(jobs.estimates));
  return wrapped(fmt::format("Jobs: {} on {} nodes with {}, scheduled by {}{}", sources,
                             count_text(static_cast<double>(jobs.nodes.size())), gpus_line(jobs),
                             printable(jobs.scheduling), estimates),
                 2);
}

void write_counts(const SummarySection& section, Text out) {
  const auto count = [&](const char* key) { return text_of(section, key, count_text); };
  fmt::format_to(out,
                 "  {:<10}{} submitted, {} finished, {} running, {} pending, {} rejected;\n"
                 "  {:<10}preemptions: {}\n",
                 "Jobs", count("jobs_submitted"), count("jobs_finished"), count("jobs_running"),
                 count("jobs_pending"), count("jobs_rejected"), "", count("preemptions"));
}

/// A row of the table of times; what is absent goes to the notes.
void write_times(const SummarySection& section, const char* label, const std::string& name,
                 std::vector<std::string>& notes, Text out) {
  std::string line = fmt::format("{:<11}", text_of(section, name + "_mean_s", long_time_text));
  for (const char* share : {"p50", "p90", "p99"}) {
    const Metric& metric = section.at(fmt::format("{}_{}_s", name, share));
    const std::string cell =
        metric.value
            ? long_time_interval_text(*metric.value, pointer(metric.low), pointer(metric.high))
            : "n/a";
    if (!metric.value) notes.push_back(fmt::format("{} {}: {}", label, share, metric.absent));
    fmt::format_to(std::back_inserter(line), "{:<25}", cell);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  fmt::format_to(out, "    {:<9}{}\n", label, line);
}

void write_all_times(const SummarySection& section, Text out) {
  if (!section.at("jct_mean_s").value) return;
  fmt::format_to(out, "\n  {:<11}{:<11}{:<25}{:<25}{}\n", "Time", "mean", "p50", "p90", "p99");
  std::vector<std::string> notes;
  write_times(section, "JCT", "jct", notes, out);
  write_times(section, "queueing", "queueing", notes, out);
  for (const std::string& note : notes) fmt::format_to(out, "    {}\n", note);
  fmt::format_to(out,
                 "    JCT: submission to finish. Of finished jobs alone; [ ]: 95 % interval of "
                 "chance.\n\n");
}

void write_progress(const SummarySection& section, Text out) {
  const auto times = [](double ratio) { return fmt::format("{:.3f} x", ratio); };
  if (section.at("makespan_s").value)
    fmt::format_to(out, "  {:<10}{} from the first submission to the last finish\n", "Makespan",
                   text_of(section, "makespan_s", duration_text));
  if (section.at("placement_slowdown_mean_ratio").value) {
    const Metric& tail = section.at("placement_slowdown_p99_ratio");
    fmt::format_to(out, "  {:<10}jobs ran {} as long as on the closest placement{}\n", "Placement",
                   times(*section.at("placement_slowdown_mean_ratio").value),
                   tail.value ? ", p99 " + times(*tail.value) : "");
  }
  if (!section.at("setup_gpu_time_share").value) return;
  fmt::format_to(out, "  {:<10}{} GPU hours: {} of it setup, {} lost to evictions\n", "Running",
                 text_of(section, "executed_gpu_hours", number_text),
                 text_of(section, "setup_gpu_time_share", share_text),
                 text_of(section, "lost_gpu_time_share", share_text));
}

/// Of a hundred dollars or more, cents say nothing.
std::string whole_usd_text(double usd) { return usd < 100 ? usd_text(usd) : "$" + count_text(usd); }

void write_use(const SummarySection& section, Text out) {
  if (!section.at("gpu_allocation_share").value) return;
  const auto number = [&](const char* key) { return text_of(section, key, number_text); };
  const auto usd = [&](const char* key) { return text_of(section, key, whole_usd_text); };
  fmt::format_to(out, "  {:<10}{} for jobs: {} allocated on average ({}), {} free\n", "GPUs",
                 text_of(section, "job_gpus", count_text), number("allocated_gpus_mean"),
                 text_of(section, "gpu_allocation_share", share_text),
                 number("unallocated_gpus_mean"));
  const Metric& share = section.at("fragmentation_share");
  fmt::format_to(
      out, "  {:<10}{}{} of no use to the next job's typical worker\n", "",
      number("fragmented_gpus_mean"),
      share.value ? fmt::format(" of the free ones ({})", share_text(*share.value)) : "");
  fmt::format_to(out, "  {:<10}{} a day: {} allocated, {} free, of which {} fragmented\n", "Cost",
                 usd("job_gpus_usd_per_day"), usd("allocated_usd_per_day"),
                 usd("unallocated_usd_per_day"), usd("fragmented_usd_per_day"));
  if (section.at("cost_usd_per_progress_gpu_hour").value)
    fmt::format_to(out, "  {:<10}{} in all, {} per GPU hour of progress\n", "", usd("cost_usd"),
                   text_of(section, "cost_usd_per_progress_gpu_hour", usd_text));
}

void write_reason_counts(const JobTables& jobs, JobStatus status, const char* label,
                         const std::string& note, Text out) {
  std::string text;
  for (const auto& [reason, count] : reason_counts(jobs, status)) {
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ",
                   count_text(static_cast<double>(count)), printable(reason));
  }
  if (text.empty()) return;
  fmt::format_to(out, "{}\n", wrapped(fmt::format("  {:<10}{}{}", label, text, note), 12));
}

void write_reasons(const JobTables& jobs, const SummarySection& section, Text out) {
  constexpr std::size_t kShown = 4;
  const Metric& longest = section.at("pending_longest_s");
  const std::string note =
      longest.value ? "; the longest waits " + duration_text(*longest.value) : "";
  write_reason_counts(jobs, JobStatus::pending, "Pending", note, out);
  write_reason_counts(jobs, JobStatus::rejected, "Rejected", "", out);
  const std::vector<std::uint32_t> order = reasons_in_order(jobs);
  for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
    const JobReasonFact& reason = jobs.reasons[order[i]];
    const JobFact& job = jobs.jobs[reason.job];
    fmt::format_to(
        out, "{}\n",
        wrapped(fmt::format("    {} ({} GPUs, {}): {}", printable(jobs.names[reason.job]), job.gpus,
                            job.status == JobStatus::rejected ? "rejected" : "pending",
                            printable(text_of(reason))),
                6));
  }
  if (order.size() > kShown)
    fmt::format_to(out, "    and {} more: --json and the report list them\n",
                   count_text(static_cast<double>(order.size() - kShown)));
}

}  // namespace

std::string job_block(const JobTables& jobs, const SummarySection& section) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "\n{}\n", title(jobs));
  write_counts(section, out);
  write_all_times(section, out);
  write_progress(section, out);
  write_use(section, out);
  write_reasons(jobs, section, out);
  return text;
}

}  // namespace plimsoll::report
