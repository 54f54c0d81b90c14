#include "results/job_tally.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "results/run_facts.hpp"

namespace plimsoll {
namespace {

constexpr double kHour = 3600;

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }
double gpu_seconds(std::int64_t us) { return static_cast<double>(us) * 1e-6; }

void count(const JobFact& job, JobTally& tally) {
  tally.finished += job.status == JobStatus::finished;
  tally.running += job.status == JobStatus::running;
  tally.pending += job.status == JobStatus::pending;
  tally.rejected += job.status == JobStatus::rejected;
  tally.preemptions += job.preemptions;
  tally.gpu_s += gpu_seconds(job.gpu_us);
  tally.setup_gpu_s += gpu_seconds(job.setup_gpu_us);
  tally.lost_gpu_s += gpu_seconds(job.lost_gpu_us);
}

void add_finished(const JobFact& job, JobTally& tally) {
  tally.jct_ns.push_back(job.end_ns - job.submit_ns);
  tally.queued_ns.push_back(job.queued_ns);
  tally.last_finish_ns = std::max(tally.last_finish_ns, job.end_ns);
  if (job.gpu_us <= 0 || job.closest_ns <= 0) return;
  const double progress_share = 1 - gpu_seconds(job.setup_gpu_us) / gpu_seconds(job.gpu_us);
  const double slowdown = seconds(job.executed_ns) * progress_share / seconds(job.closest_ns);
  tally.slowdown_micro.push_back(std::llround(std::max(slowdown, 0.0) * 1e6));
}

void add_allocation(const JobTables& jobs, std::int64_t end_ns, JobTally& tally) {
  for (const JobRunFact& run : jobs.runs) {
    const double ran_s = seconds((run.until_ns == kNoTime ? end_ns : run.until_ns) - run.from_ns);
    for (std::uint32_t i = 0; i < run.shares; ++i) {
      const JobShareFact& share = jobs.shares[run.first_share + i];
      const double gpu_s = ran_s * gpus_of(share) * share.gpu_milli / 1000;
      tally.allocated_gpu_s += gpu_s;
      tally.allocated_usd += gpu_s / kHour * jobs.nodes[share.node].price_usd_per_gpu_hour;
    }
  }
}

void add_fragmentation(const JobTables& jobs, std::int64_t end_ns, JobTally& tally) {
  for (std::size_t i = 0; i < jobs.samples.size(); ++i) {
    const JobSample& sample = jobs.samples[i];
    const bool last = i + 1 == jobs.samples.size();
    const double held_s = seconds((last ? end_ns : jobs.samples[i + 1].time_ns) - sample.time_ns);
    tally.fragmented_gpu_s += held_s * static_cast<double>(sample.fragmented_milli) / 1000;
    tally.fragmented_usd +=
        held_s / kHour * static_cast<double>(sample.fragmented_micro_usd_per_hour) * 1e-6;
  }
}

}  // namespace

std::int32_t gpus_of(const JobShareFact& share) { return std::popcount(share.gpus); }

JobTally tally(const JobTables& jobs, std::int64_t end_ns) {
  JobTally tally;
  tally.submitted = jobs.jobs.size();
  if (!jobs.jobs.empty()) tally.first_submit_ns = jobs.jobs.front().submit_ns;
  for (const JobFact& job : jobs.jobs) {
    count(job, tally);
    tally.first_submit_ns = std::min(tally.first_submit_ns, job.submit_ns);
    if (job.status == JobStatus::finished) add_finished(job, tally);
    if (job.status == JobStatus::pending)
      tally.longest_pending_ns = std::max(tally.longest_pending_ns, job.queued_ns);
  }
  for (const JobNode& node : jobs.nodes) {
    tally.gpus += node.gpus;
    tally.price_usd_per_hour += node.gpus * node.price_usd_per_gpu_hour;
  }
  add_allocation(jobs, end_ns, tally);
  add_fragmentation(jobs, end_ns, tally);
  return tally;
}

}  // namespace plimsoll
