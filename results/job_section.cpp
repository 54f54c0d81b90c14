#include "results/job_section.hpp"

#include <array>
#include <span>

#include "results/job_tally.hpp"
#include "results/metric_list.hpp"

namespace plimsoll {
namespace {

constexpr double kHour = 3600;
constexpr double kDay = 24 * kHour;
constexpr const char* kNoneFinished = "no job has finished";
constexpr const char* kNoJobGpus = "no GPUs for jobs";

void add_counts(const JobTally& tally, Metrics& metrics) {
  add(metrics, "jobs_submitted", static_cast<double>(tally.submitted));
  add(metrics, "jobs_finished", static_cast<double>(tally.finished));
  add(metrics, "jobs_running", static_cast<double>(tally.running));
  add(metrics, "jobs_pending", static_cast<double>(tally.pending));
  add(metrics, "jobs_rejected", static_cast<double>(tally.rejected));
  add(metrics, "preemptions", static_cast<double>(tally.preemptions));
}

double sum(const std::vector<std::int64_t>& values) {
  double total = 0;
  for (const std::int64_t value : values) total += static_cast<double>(value);
  return total;
}

void add_times(const std::string& name, const std::vector<std::int64_t>& ns, Metrics& metrics) {
  Distribution values;
  values.add(std::span(ns));
  add_ratio(metrics, name + "_mean_s", sum(ns) * 1e-9, static_cast<double>(ns.size()),
            kNoneFinished);
  add_quantiles(metrics, name, values, 1e9);
}

void add_slowdown(const JobTally& tally, Metrics& metrics) {
  constexpr double kMicro = 1e6;
  Distribution values;
  values.add(std::span(tally.slowdown_micro));
  add_ratio(metrics, "placement_slowdown_mean_ratio", sum(tally.slowdown_micro) / kMicro,
            static_cast<double>(values.size()), "no job with GPUs has finished");
  add_quantiles(metrics, values, kMicro,
                std::array<Quantile, 1>{{{0.99, "placement_slowdown_p99_ratio"}}});
}

void add_waiting(const JobTally& tally, Metrics& metrics) {
  if (tally.pending > 0) {
    add(metrics, "pending_longest_s", static_cast<double>(tally.longest_pending_ns) * 1e-9);
  } else {
    add_absent(metrics, "pending_longest_s", "no job is pending");
  }
  if (tally.finished == 0) return add_absent(metrics, "makespan_s", kNoneFinished);
  add(metrics, "makespan_s",
      static_cast<double>(tally.last_finish_ns - tally.first_submit_ns) * 1e-9);
}

void add_use(const JobTally& tally, double end_s, Metrics& metrics) {
  const auto gpus = static_cast<double>(tally.gpus);
  const double free_gpu_s = gpus * end_s - tally.allocated_gpu_s;
  add(metrics, "job_gpus", gpus);
  add_ratio(metrics, "gpu_allocation_share", tally.allocated_gpu_s, gpus * end_s,
            tally.gpus == 0 ? kNoJobGpus : kNoTimePassed);
  add_ratio(metrics, "allocated_gpus_mean", tally.allocated_gpu_s, end_s, kNoTimePassed);
  add_ratio(metrics, "unallocated_gpus_mean", free_gpu_s, end_s, kNoTimePassed);
  add_ratio(metrics, "fragmented_gpus_mean", tally.fragmented_gpu_s, end_s, kNoTimePassed);
  add_ratio(metrics, "fragmentation_share", tally.fragmented_gpu_s, free_gpu_s, "no GPU was free");
}

void add_money(const JobTally& tally, double end_s, Metrics& metrics) {
  const double all_usd = tally.price_usd_per_hour * end_s / kHour;
  const double days = end_s / kDay;
  add(metrics, "job_gpus_usd_per_day", tally.price_usd_per_hour * kDay / kHour);
  add_ratio(metrics, "allocated_usd_per_day", tally.allocated_usd, days, kNoTimePassed);
  add_ratio(metrics, "unallocated_usd_per_day", all_usd - tally.allocated_usd, days, kNoTimePassed);
  add_ratio(metrics, "fragmented_usd_per_day", tally.fragmented_usd, days, kNoTimePassed);
  const double progress_gpu_s = tally.gpu_s - tally.setup_gpu_s - tally.lost_gpu_s;
  constexpr const char* kNoGpuTime = "no job ran on a GPU";
  add(metrics, "executed_gpu_hours", tally.gpu_s / kHour);
  add(metrics, "setup_gpu_hours", tally.setup_gpu_s / kHour);
  add(metrics, "lost_gpu_hours", tally.lost_gpu_s / kHour);
  add_ratio(metrics, "setup_gpu_time_share", tally.setup_gpu_s, tally.gpu_s, kNoGpuTime);
  add_ratio(metrics, "lost_gpu_time_share", tally.lost_gpu_s, tally.gpu_s, kNoGpuTime);
  add(metrics, "cost_usd", all_usd);
  add_ratio(metrics, "cost_usd_per_progress_gpu_hour", all_usd, progress_gpu_s / kHour, kNoGpuTime);
}

}  // namespace

SummarySection job_section(const RunFacts& facts) {
  const double end_s = static_cast<double>(facts.end_ns) * 1e-9;
  const JobTally counted = tally(*facts.jobs, facts.end_ns);
  SummarySection section;
  section.scope = "jobs";
  add(section.metrics, "simulated_s", end_s);
  add_counts(counted, section.metrics);
  add_times("jct", counted.jct_ns, section.metrics);
  add_times("queueing", counted.queued_ns, section.metrics);
  add_waiting(counted, section.metrics);
  add_slowdown(counted, section.metrics);
  add_use(counted, end_s, section.metrics);
  add_money(counted, end_s, section.metrics);
  add(section.metrics, "scheduling_cycles", static_cast<double>(facts.jobs->cycles));
  add(section.metrics, "scheduling_conflicts", static_cast<double>(facts.jobs->conflicts));
  return section;
}

}  // namespace plimsoll
