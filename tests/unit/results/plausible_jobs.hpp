// Made-up jobs that look like real ones and keep every law of results/job_laws.hpp: a small scheduler that fills nodes
// of eight GPUs and lets urgent jobs evict others.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <optional>
#include <queue>
#include <set>

#include "core/random_stream.hpp"
#include "results/run_facts.hpp"

namespace plimsoll::tests {

struct PlausibleJobs {
  std::uint32_t nodes = 8;
  std::uint32_t jobs = 40;
  double hours = 20;           ///< until the run is cut off
  double arrivals_hours = 18;  ///< over which jobs are submitted
  double mean_hours = 5;       ///< of work
  double urgent_share = 0.15;  ///< of jobs that may evict others
};

class PlausibleScheduler {
 public:
  explicit PlausibleScheduler(PlausibleJobs spec)
      : spec_(spec), random_(7, "jobs", "plausible"), free_(spec.nodes, 0xFF) {
    tables_.scheduling = "srtf";
    tables_.estimates = "oracle";
    tables_.sources = {"research", "production"};
    tables_.queues = {"default", "vision", "language"};
    tables_.users = {"ada", "ben", "cleo", "dora"};
    tables_.reason_names = {"none",     "gpu_kind", "never_fits",   "no_free_gpus", "no_free_cpu",
                            "topology", "quota",    "head_of_line", "reserved",     "not_selected"};
    for (std::uint32_t i = 0; i < spec.nodes; ++i)
      tables_.nodes.push_back(
          {fmt::format("rack{:02}-node{:04}", i / 8, i), "nvidia_h100_sxm", 8, 0, 2.5});
    for (std::uint32_t i = 0; i < spec.jobs; ++i) add_job(i);
    left_.resize(spec.jobs);
    run_of_.resize(spec.jobs);
    for (std::uint32_t i = 0; i < spec.jobs; ++i) left_[i] = work_of(i);
  }

  std::int64_t end_ns() const { return hours(spec_.hours); }

  JobTables run() {
    while (true) {
      std::int64_t next = end_ns();
      if (arrived_ < tables_.jobs.size()) next = std::min(next, tables_.jobs[arrived_].submit_ns);
      if (!ends_.empty()) next = std::min(next, std::get<0>(ends_.top()));
      if (next >= end_ns()) break;
      now_ = next;
      step();
    }
    now_ = end_ns();
    close();
    return tables_;
  }

 private:
  static std::int64_t hours(double value) { return static_cast<std::int64_t>(value * 3600e9); }

  double uniform(std::uint32_t job, std::uint64_t lane) const { return random_.uniform(job, lane); }

  std::int64_t work_of(std::uint32_t job) const {
    const double u = uniform(job, 2) * uniform(job, 3);
    return hours(0.05 + spec_.mean_hours * 4 * u);
  }

  void add_job(std::uint32_t i) {
    JobFact job;
    job.submit_ns = hours(spec_.arrivals_hours * i / spec_.jobs);
    const double u = uniform(i, 1);
    job.gpus = u < 0.35 ? 1 : u < 0.5 ? 2 : u < 0.65 ? 4 : u < 0.85 ? 8 : u < 0.95 ? 16 : 32;
    if (i % 997 == 13) job.gpus = static_cast<std::int32_t>(spec_.nodes * 8 + 8);
    job.priority = uniform(i, 4) < spec_.urgent_share ? 1 : 0;
    job.source = static_cast<std::uint32_t>(job.priority);
    job.queue = i % 3;
    job.user = i % 4;
    tables_.jobs.push_back(job);
    tables_.names.push_back(fmt::format("{}-{}", job.gpus > 8 ? "pretrain" : "finetune", i));
  }

  void step() {
    while (!ends_.empty() && std::get<0>(ends_.top()) <= now_) {
      const auto [at, job, start] = ends_.top();
      ends_.pop();
      JobFact& fact = tables_.jobs[job];
      if (fact.status != JobStatus::running || fact.starts != start) continue;
      stop(job, true);
      fact.status = JobStatus::finished;
      fact.end_ns = now_;
    }
    for (; arrived_ < tables_.jobs.size() && tables_.jobs[arrived_].submit_ns <= now_; ++arrived_) {
      const auto job = static_cast<std::uint32_t>(arrived_);
      if (tables_.jobs[job].gpus > static_cast<std::int32_t>(spec_.nodes * 8)) {
        tables_.jobs[job].status = JobStatus::rejected;
      } else {
        pending_.insert({-tables_.jobs[job].priority, job});
      }
    }
    schedule();
    sample();
  }

  void schedule() {
    ++tables_.cycles;
    std::vector<std::uint32_t> order;
    for (const auto& [priority, job] : pending_)
      if (order.size() < 60) order.push_back(job);
    for (const std::uint32_t job : order) {
      if (place(job)) continue;
      if (tables_.jobs[job].priority > 0 && evict_for(job)) place(job);
    }
  }

  bool evict_for(std::uint32_t job) {
    std::int32_t freed = 0;
    for (auto run = tables_.runs.rbegin(); run != tables_.runs.rend(); ++run) {
      const JobFact& other = tables_.jobs[run->job];
      if (now_ - run->from_ns > hours(6)) return false;
      if (run->until_ns != kNoTime || other.priority > 0 || other.gpus < 8) continue;
      const std::uint32_t victim = run->job;
      freed += other.gpus;
      stop(victim, false);
      ++tables_.jobs[victim].preemptions;
      tables_.jobs[victim].status = JobStatus::pending;
      pending_.insert({0, victim});
      if (freed >= tables_.jobs[job].gpus) return true;
    }
    return false;
  }

  std::vector<JobShareFact> find(std::int32_t gpus) const {
    std::vector<JobShareFact> shares;
    if (gpus <= 8) {
      std::optional<std::uint32_t> best;
      for (std::uint32_t node = 0; node < spec_.nodes; ++node)
        if (std::popcount(free_[node]) >= gpus &&
            (!best || std::popcount(free_[node]) < std::popcount(free_[*best])))
          best = node;
      if (!best) return {};
      std::uint32_t mask = 0;
      for (std::uint32_t left = free_[*best]; std::popcount(mask) < gpus; left &= left - 1)
        mask |= left & (~left + 1);
      return {{*best, mask, 1000, gpus}};
    }
    for (std::uint32_t node = 0; node < spec_.nodes; ++node) {
      if (free_[node] != 0xFF) continue;
      shares.push_back({node, 0xFF, 1000, 8});
      if (static_cast<std::int32_t>(shares.size()) * 8 == gpus) return shares;
    }
    return {};
  }

  bool place(std::uint32_t job) {
    JobFact& fact = tables_.jobs[job];
    const std::vector<JobShareFact> shares = find(fact.gpus);
    if (shares.empty()) return false;
    for (const JobShareFact& share : shares) free_[share.node] &= ~share.gpus;
    run_of_[job] = tables_.runs.size();
    tables_.runs.push_back({job, now_, kNoTime, static_cast<std::uint32_t>(tables_.shares.size()),
                            static_cast<std::uint32_t>(shares.size())});
    tables_.shares.insert(tables_.shares.end(), shares.begin(), shares.end());
    pending_.erase({-fact.priority, job});
    if (fact.starts++ == 0) fact.start_ns = now_;
    fact.status = JobStatus::running;
    ends_.push({now_ + kSetup + left_[job] * slowdown_percent(job) / 100, job, fact.starts});
    return true;
  }

  /// Jobs of several nodes whose nodes are far apart.
  std::int64_t slowdown_percent(std::uint32_t job) const {
    const JobRunFact& run = tables_.runs[run_of_[job]];
    if (run.shares < 2) return 100;
    const std::uint32_t first = tables_.shares[run.first_share].node;
    const std::uint32_t last = tables_.shares[run.first_share + run.shares - 1].node;
    return last - first >= 8 ? 122 : last - first >= run.shares ? 108 : 100;
  }

  void account(std::uint32_t job, bool finished) {
    JobFact& fact = tables_.jobs[job];
    const std::int64_t ran = now_ - tables_.runs[run_of_[job]].from_ns;
    const std::int64_t setup = std::min(ran, kSetup);
    const std::int64_t worked = ran - setup;
    const std::int64_t kept = finished ? worked : worked - worked % kCheckpoint;
    fact.executed_ns += ran;
    fact.gpu_us += ran / 1000 * fact.gpus;
    fact.setup_gpu_us += setup / 1000 * fact.gpus;
    fact.lost_gpu_us += (worked - kept) / 1000 * fact.gpus;
    fact.closest_ns += worked * 100 / slowdown_percent(job);
    left_[job] -= kept * 100 / slowdown_percent(job);
  }

  void stop(std::uint32_t job, bool finished) {
    account(job, finished);
    JobRunFact& run = tables_.runs[run_of_[job]];
    run.until_ns = now_;
    for (std::uint32_t i = 0; i < run.shares; ++i) {
      const JobShareFact& share = tables_.shares[run.first_share + i];
      free_[share.node] |= share.gpus;
    }
  }

  void sample() {
    JobSample sample;
    sample.time_ns = now_;
    for (std::uint32_t node = 0; node < spec_.nodes; ++node) {
      const int free = std::popcount(free_[node]);
      sample.allocated_milli += (8 - free) * 1000;
      sample.fragmented_milli += free < 8 ? free * (300 + 100 * (8 - free)) * 6 / 10 : free * 120;
    }
    sample.fragmented_micro_usd_per_hour = sample.fragmented_milli * 2500;
    for (const auto& [priority, job] : pending_) sample.pending_gpus += tables_.jobs[job].gpus;
    sample.pending = static_cast<std::uint32_t>(pending_.size());
    for (std::size_t i = 0; i < arrived_; ++i)
      sample.running += tables_.jobs[i].status == JobStatus::running;
    tables_.samples.push_back(sample);
  }

  void close() {
    tables_.jobs.resize(arrived_);
    tables_.names.resize(arrived_);
    for (std::uint32_t job = 0; job < arrived_; ++job) {
      JobFact& fact = tables_.jobs[job];
      if (fact.status == JobStatus::running) {
        account(job, true);  // what is not checkpointed yet is not lost either
      }
      if (fact.status == JobStatus::rejected) {
        tables_.reasons.push_back(
            {job, 2, -1, 0, 0, spec_.nodes, 0, 0, -1, 0, 0, 0,
             fmt::format("an empty cluster could not hold it: it asks for {} GPUs of {}", fact.gpus,
                         spec_.nodes * 8)});
        continue;
      }
      fact.queued_ns =
          (fact.end_ns == kNoTime ? now_ : fact.end_ns) - fact.submit_ns - fact.executed_ns;
      if (fact.status == JobStatus::pending) {
        tables_.reasons.push_back(
            {job, 3, -1, 0, 0, spec_.nodes, 0, 0, job % spec_.nodes, 2000, 0, 0,
             fmt::format("1 of its workers find no node with enough free GPUs; nodes turned away: "
                         "{} for GPUs; closest is {}, where 2 GPUs would have to free up",
                         spec_.nodes, tables_.nodes[job % spec_.nodes].name)});
      }
    }
  }

  static constexpr std::int64_t kSetup = 90'000'000'000;
  static constexpr std::int64_t kCheckpoint = 600'000'000'000;

  PlausibleJobs spec_;
  RandomStream random_;
  JobTables tables_;
  std::vector<std::uint32_t> free_;
  std::vector<std::int64_t> left_;
  std::vector<std::size_t> run_of_;
  std::set<std::pair<std::int32_t, std::uint32_t>> pending_;
  using End = std::tuple<std::int64_t, std::uint32_t, std::uint32_t>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::size_t arrived_ = 0;
  std::int64_t now_ = 0;
};

/// A run of jobs alone.
inline RunFacts plausible_job_run(PlausibleJobs spec = {}) {
  RunFacts facts;
  facts.seed = 7;
  facts.version = "0.1.0";
  facts.digest = "0123456789abcdef0123456789abcdef";
  facts.scenario_yaml = "jobs:\n  research: {trace: jobs.csv}\n";
  facts.cluster_gpus = spec.nodes * 8;
  facts.cluster_price_usd_per_hour = facts.cluster_gpus * 2.5;
  facts.unused_idle_power_w = 0;
  PlausibleScheduler scheduler(spec);
  facts.end_ns = scheduler.end_ns();
  facts.horizon_ns = facts.end_ns;
  facts.jobs = scheduler.run();
  return facts;
}

}  // namespace plimsoll::tests
