#include "results/job_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "results/job_tally.hpp"

namespace plimsoll {
namespace {

using Faults = std::vector<std::string>;

constexpr std::int32_t kWhole = 1000;  ///< thousandths of a GPU

std::string name_of(const JobTables& jobs, std::uint32_t job) {
  return job < jobs.names.size() ? fmt::format("job {} (row {})", jobs.names[job], job)
                                 : fmt::format("job in row {}", job);
}

std::int64_t end_of(const JobRunFact& run, std::int64_t end_ns) {
  return run.until_ns == kNoTime ? end_ns : run.until_ns;
}

std::span<const JobShareFact> shares_of(const JobTables& jobs, const JobRunFact& run) {
  return std::span(jobs.shares).subspan(run.first_share, run.shares);
}

/// Rows that name other rows; with one that does not exist, nothing else can be checked.
bool check_rows(const JobTables& jobs, Faults& faults) {
  const std::size_t before = faults.size();
  if (jobs.names.size() != jobs.jobs.size())
    faults.push_back(fmt::format("{} jobs have {} names", jobs.jobs.size(), jobs.names.size()));
  std::uint64_t shares = 0;
  for (const JobRunFact& run : jobs.runs) {
    if (run.job >= jobs.jobs.size() || run.first_share != shares)
      faults.push_back(
          fmt::format("a run of job {} of {} has its placements at row {} instead of {}", run.job,
                      jobs.jobs.size(), run.first_share, shares));
    shares += run.shares;
  }
  if (shares != jobs.shares.size())
    faults.push_back(fmt::format("{} placements, but runs have {}", jobs.shares.size(), shares));
  for (const JobShareFact& share : jobs.shares) {
    const bool known = share.node < jobs.nodes.size();
    const std::uint32_t gpus = known ? std::min(jobs.nodes[share.node].gpus, 32U) : 0;
    if (known && std::uint64_t{share.gpus} >> gpus == 0) continue;
    faults.push_back(known ? fmt::format("GPUs {:#b} of node {}, which has {}", share.gpus,
                                         jobs.nodes[share.node].name, jobs.nodes[share.node].gpus)
                           : fmt::format("node {} of {}", share.node, jobs.nodes.size()));
  }
  return faults.size() == before;
}

/// What the runs of one job add up to.
struct Ran {
  std::uint32_t runs = 0;
  std::uint32_t open = 0;  ///< still running
  std::int64_t first_ns = kNoTime;
  std::int64_t last_ns = kNoTime;  ///< end of its last run
  std::int64_t executed_ns = 0;
  std::int64_t gpu_us = 0;
};

void add(const JobTables& jobs, const JobRunFact& run, std::int64_t end_ns, Ran& ran,
         Faults& faults) {
  const std::int64_t until_ns = end_of(run, end_ns);
  const std::int64_t earliest_ns = ran.runs == 0 ? jobs.jobs[run.job].submit_ns : ran.last_ns;
  if (ran.open > 0 || run.from_ns < earliest_ns || until_ns < run.from_ns || until_ns > end_ns)
    faults.push_back(fmt::format("{} runs from {} ns to {} ns, but may from {} ns to {} ns",
                                 name_of(jobs, run.job), run.from_ns, until_ns, earliest_ns,
                                 end_ns));
  if (ran.runs++ == 0) ran.first_ns = run.from_ns;
  if (run.until_ns == kNoTime) ++ran.open;
  ran.last_ns = until_ns;
  ran.executed_ns += until_ns - run.from_ns;
  for (const JobShareFact& share : shares_of(jobs, run))
    ran.gpu_us += gpus_of(share) * ((until_ns - run.from_ns) / 1000);
}

void check_job(const JobTables& jobs, std::uint32_t row, const Ran& ran, std::int64_t end_ns,
               Faults& faults) {
  const JobFact& job = jobs.jobs[row];
  const auto require = [&](bool holds, const char* law) {
    if (!holds) faults.push_back(fmt::format("{}: {}", name_of(jobs, row), law));
  };
  const bool finished = job.status == JobStatus::finished;
  const bool running = job.status == JobStatus::running;
  const std::int64_t left_ns = finished ? job.end_ns : end_ns;
  require(job.submit_ns >= 0 && job.submit_ns <= end_ns, "submitted outside the run");
  require(finished == (job.end_ns != kNoTime), "finished, or has an end, but not both");
  require(!finished || job.end_ns == ran.last_ns, "its end is not that of its last run");
  require(ran.open == (running ? 1U : 0U), "running, or a run has no end, but not both");
  require(job.start_ns == ran.first_ns, "its start is not that of its first run");
  require(job.starts == ran.runs, "its starts are not its runs");
  require(job.preemptions == ran.runs - ((finished || running) && ran.runs > 0 ? 1 : 0),
          "its preemptions are not the runs that it did not finish");
  require(job.executed_ns == ran.executed_ns, "its running time is not that of its runs");
  require(job.gpu_us == ran.gpu_us, "its GPU time is not that of its runs");
  require(job.setup_gpu_us >= 0 && job.lost_gpu_us >= 0 &&
              job.setup_gpu_us + job.lost_gpu_us <= job.gpu_us,
          "setup and lost progress took more GPU time than it had");
  require(job.closest_ns >= 0, "the closest placement would have taken less than no time");
  if (job.status == JobStatus::rejected) {
    require(ran.runs == 0 && job.queued_ns == 0, "rejected, but it waited or ran");
  } else {
    require(job.queued_ns >= 0 && job.queued_ns + job.executed_ns == left_ns - job.submit_ns,
            "the times that it waited and ran are not all of its time");
  }
}

void check_runs(const JobTables& jobs, std::int64_t end_ns, Faults& faults) {
  std::vector<Ran> ran(jobs.jobs.size());
  std::int64_t before_ns = 0;
  for (const JobRunFact& run : jobs.runs) {
    if (run.from_ns < before_ns)
      faults.push_back(
          fmt::format("a run starts at {} ns after one at {} ns", run.from_ns, before_ns));
    before_ns = run.from_ns;
    add(jobs, run, end_ns, ran[run.job], faults);
  }
  for (std::uint32_t row = 0; row < jobs.jobs.size(); ++row)
    check_job(jobs, row, ran[row], end_ns, faults);
}

/// At one instant runs end before others start.
struct Change {
  std::int64_t time_ns = 0;
  bool starts = false;
  std::uint32_t run = 0;

  friend auto operator<=>(const Change&, const Change&) = default;
};

std::vector<Change> changes_of(const JobTables& jobs) {
  std::vector<Change> changes;
  for (std::uint32_t i = 0; i < jobs.runs.size(); ++i) {
    const JobRunFact& run = jobs.runs[i];
    if (run.until_ns == run.from_ns) continue;
    changes.push_back({run.from_ns, true, i});
    if (run.until_ns != kNoTime) changes.push_back({run.until_ns, false, i});
  }
  std::sort(changes.begin(), changes.end());
  return changes;
}

/// What jobs hold of one GPU.
struct Held {
  std::int32_t milli = 0;
  std::uint32_t mig_slices = 0;
};

void check_gpus(const JobTables& jobs, Faults& faults) {
  std::vector<std::array<Held, 32>> held(jobs.nodes.size());
  const auto fault = [&](const Change& change, const char* what, std::size_t gpu,
                         const JobShareFact& share) {
    faults.push_back(fmt::format("{} ns: {} of GPU {} of node {} are held", change.time_ns, what,
                                 gpu, jobs.nodes[share.node].name));
  };
  for (const Change& change : changes_of(jobs)) {
    for (const JobShareFact& share : shares_of(jobs, jobs.runs[change.run])) {
      for (std::uint32_t left = share.gpus; left != 0; left &= left - 1) {
        const auto gpu = static_cast<std::size_t>(std::countr_zero(left));
        Held& of = held[share.node][gpu];
        if (change.starts && (of.mig_slices & share.mig_slices) != 0)
          fault(change, "MIG slices twice", gpu, share);
        of.mig_slices ^= share.mig_slices;
        of.milli += change.starts ? share.gpu_milli : -share.gpu_milli;
        if (of.milli > kWhole && change.starts)
          fault(change, fmt::format("{} thousandths", of.milli).c_str(), gpu, share);
      }
    }
  }
}

/// The course of jobs as jobs and runs tell it: what changes, at which time.
struct Step {
  std::int64_t time_ns = 0;
  std::int64_t allocated_milli = 0;
  std::int64_t pending_gpus = 0;
  std::int64_t running = 0;
  std::int64_t pending = 0;
};

std::int64_t milli_of(const JobTables& jobs, const JobRunFact& run) {
  std::int64_t milli = 0;
  for (const JobShareFact& share : shares_of(jobs, run))
    milli += std::int64_t{gpus_of(share)} * share.gpu_milli;
  return milli;
}

std::vector<Step> steps_of(const JobTables& jobs) {
  std::vector<Step> steps;
  for (const JobFact& job : jobs.jobs)
    if (job.status != JobStatus::rejected) steps.push_back({job.submit_ns, 0, job.gpus, 0, 1});
  std::vector<std::uint32_t> left(jobs.jobs.size());
  for (const JobRunFact& run : jobs.runs) ++left[run.job];
  for (const JobRunFact& run : jobs.runs) {
    const JobFact& job = jobs.jobs[run.job];
    const std::int64_t milli = milli_of(jobs, run);
    const bool last = --left[run.job] == 0;
    steps.push_back({run.from_ns, milli, -job.gpus, 1, -1});
    if (run.until_ns == kNoTime) continue;
    if (last && job.status == JobStatus::finished) {
      steps.push_back({run.until_ns, -milli, 0, -1, 0});
    } else {
      steps.push_back({run.until_ns, -milli, job.gpus, -1, 1});
    }
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.time_ns < b.time_ns; });
  return steps;
}

bool agrees(const JobSample& sample, const Step& sum) {
  return sample.allocated_milli == sum.allocated_milli && sample.pending_gpus == sum.pending_gpus &&
         sample.running == sum.running && sample.pending == sum.pending;
}

/// Names the first sample, or the first change, at which the two differ.
void check_samples(const JobTables& jobs, std::int64_t end_ns, Faults& faults) {
  std::int64_t free_milli = 0;
  for (const JobNode& node : jobs.nodes) free_milli += std::int64_t{node.gpus} * kWhole;
  const std::vector<Step> steps = steps_of(jobs);
  Step sum;
  JobSample seen;
  auto step = steps.begin();
  auto sample = jobs.samples.begin();
  while (step != steps.end() || sample != jobs.samples.end()) {
    const std::int64_t now_ns = std::min(step == steps.end() ? end_ns : step->time_ns,
                                         sample == jobs.samples.end() ? end_ns : sample->time_ns);
    const bool forward = now_ns >= sum.time_ns && now_ns <= end_ns;
    const auto steps_before = step;
    const auto samples_before = sample;
    for (; step != steps.end() && step->time_ns == now_ns; ++step) {
      sum.allocated_milli += step->allocated_milli;
      sum.pending_gpus += step->pending_gpus;
      sum.running += step->running;
      sum.pending += step->pending;
    }
    sum.time_ns = now_ns;
    for (; sample != jobs.samples.end() && sample->time_ns == now_ns; ++sample) seen = *sample;
    const bool moved = step != steps_before || sample != samples_before;
    const bool fits =
        seen.fragmented_milli >= 0 && seen.fragmented_milli <= free_milli - seen.allocated_milli;
    if (forward && moved && fits && agrees(seen, sum)) continue;
    faults.push_back(fmt::format(
        "{} ns: the sample has {} thousandths of GPUs allocated, {} fragmented, {} GPUs pending, "
        "{} jobs "
        "running, {} pending; jobs and their runs have {}, of {}, {}, {}, {}",
        now_ns, seen.allocated_milli, seen.fragmented_milli, seen.pending_gpus, seen.running,
        seen.pending, sum.allocated_milli, free_milli, sum.pending_gpus, sum.running, sum.pending));
    return;
  }
}

void check_reasons(const JobTables& jobs, Faults& faults) {
  std::vector<std::uint32_t> reasons(jobs.jobs.size());
  for (const JobReasonFact& reason : jobs.reasons) {
    if (reason.job < jobs.jobs.size() && reason.reason < jobs.reason_names.size()) {
      ++reasons[reason.job];
    } else {
      faults.push_back(fmt::format("reason {} of job {}", reason.reason, reason.job));
    }
  }
  for (std::uint32_t row = 0; row < jobs.jobs.size(); ++row) {
    const JobStatus status = jobs.jobs[row].status;
    const std::uint32_t due = status == JobStatus::pending || status == JobStatus::rejected ? 1 : 0;
    if (reasons[row] == due) continue;
    faults.push_back(fmt::format("{} has {} reasons why it does not run, instead of {}",
                                 name_of(jobs, row), reasons[row], due));
  }
}

}  // namespace

std::vector<std::string> check_jobs(const JobTables& jobs, std::int64_t end_ns) {
  Faults faults;
  if (!check_rows(jobs, faults)) return faults;
  check_runs(jobs, end_ns, faults);
  check_gpus(jobs, faults);
  check_samples(jobs, end_ns, faults);
  check_reasons(jobs, faults);
  return faults;
}

}  // namespace plimsoll
