#include "sim/jobs/job_tables.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <span>

#include "policies/node_rejections.hpp"
#include "policies/not_now_text.hpp"
#include "results/run_facts.hpp"

namespace plimsoll {
namespace {

std::int64_t ns_or_never(SimTime at) { return at == kNever ? kNoTime : to_ns(at); }

JobStatus status_of(JobState state) {
  switch (state) {
    case JobState::running:
      return JobStatus::running;
    case JobState::finished:
      return JobStatus::finished;
    case JobState::rejected:
      return JobStatus::rejected;
    case JobState::not_submitted:
    case JobState::pending:
      break;
  }
  return JobStatus::pending;
}

/// By Reason. A job without one was submitted after the last cycle.
std::vector<std::string> reason_names() {
  return {"not_considered", "gpu_kind", "never_fits",   "no_free_gpus", "no_free_cpu",
          "topology",       "quota",    "head_of_line", "reserved",     "not_selected"};
}

bool names_a_job(Reason reason) {
  return reason == Reason::head_of_line || reason == Reason::reserved;
}

const char* name_of(EstimateKind estimates) {
  switch (estimates) {
    case EstimateKind::user:
      return "user";
    case EstimateKind::predicted:
      return "predicted";
    case EstimateKind::oracle:
      return "oracle";
    case EstimateKind::none:
      break;
  }
  return "none";
}

/// Texts, numbered as they come.
class Names {
 public:
  explicit Names(std::vector<std::string>& list) : list_(list) {}
  std::uint32_t number(const std::string& name) {
    const auto [known, added] = known_.try_emplace(name, static_cast<std::uint32_t>(list_.size()));
    if (added) list_.push_back(name);
    return known->second;
  }

 private:
  std::vector<std::string>& list_;
  std::map<std::string, std::uint32_t> known_;
};

/// One run's tables while they are written.
class TableWriter {
 public:
  TableWriter(const JobCluster& cluster, const JobConstants& constants, SimTime end)
      : cluster_(cluster), constants_(constants), end_(end), row_of_(cluster.jobs().size()) {}

  JobTables write() {
    tables_.scheduling = constants_.scheduling;
    tables_.sources = constants_.sources;
    tables_.nodes = constants_.nodes;
    tables_.estimates = name_of(cluster_.estimates());
    tables_.cycles = cluster_.facts().cycles;
    tables_.conflicts = cluster_.facts().conflicts;
    tables_.reason_names = reason_names();
    write_jobs();
    write_runs();
    for (const AllocationSample& sample : cluster_.facts().samples) {
      tables_.samples.push_back({to_ns(sample.at), sample.gpu_milli, sample.pending_gpus,
                                 sample.running, sample.pending, sample.fragmented_milli,
                                 sample.fragmented_micro_usd_per_hour});
    }
    write_reasons();
    return std::move(tables_);
  }

 private:
  void write_jobs() {
    Names queues(tables_.queues);
    Names users(tables_.users);
    const std::vector<JobFacts> until_now = cluster_.jobs_until(end_);
    const std::span order(cluster_.order().data(), cluster_.counts().submitted);
    for (const std::uint32_t job : order) {
      row_of_[job] = static_cast<std::uint32_t>(tables_.jobs.size());
      const JobSpec& spec = cluster_.jobs()[job];
      const JobFacts& facts = until_now[job];
      JobFact row;
      row.submit_ns = to_ns(facts.submitted_at);
      row.start_ns = ns_or_never(facts.first_start);
      row.end_ns = ns_or_never(facts.ended_at);
      row.queued_ns = facts.waited.count();
      row.executed_ns = facts.executed.count();
      row.closest_ns = facts.closest.count();
      row.gpu_us = facts.gpu_time.count();
      row.setup_gpu_us = facts.setup_gpu_time.count();
      row.lost_gpu_us = facts.lost_gpu_time.count();
      for (const SubGang& part : spec.gang) row.gpus += part.workers * part.each.gpus;
      row.priority = spec.priority;
      row.source = constants_.source_of[job];
      row.queue = queues.number(spec.queue);
      row.user = users.number(spec.user);
      row.starts = static_cast<std::uint32_t>(facts.starts);
      row.preemptions = static_cast<std::uint32_t>(facts.preemptions);
      row.status = status_of(facts.state);
      tables_.names.push_back(spec.name);
      tables_.jobs.push_back(row);
    }
  }

  void write_runs() {
    const JobRunFacts& facts = cluster_.facts();
    for (const JobRun& run : facts.runs) {
      tables_.runs.push_back(
          {row_of_[run.job], to_ns(run.from), ns_or_never(run.until), run.first_share, run.shares});
    }
    for (const NodeShare& share : facts.shares)
      tables_.shares.push_back({share.node, share.devices, share.gpu_milli, share.workers,
                                share.mig_profile, share.mig_slices});
    for (const MigProfileName& profile : cluster_.view().facts().mig_profiles)
      tables_.mig_profiles.push_back(profile.name);
  }

  /// Pending jobs' and rejected ones', by row.
  void write_reasons() {
    for (const RejectedJob& rejected : cluster_.facts().rejected) {
      JobReasonFact fact;
      fact.job = row_of_[rejected.job];
      fact.reason = static_cast<std::uint8_t>(rejected.reason);
      fact.text = rejected.why;
      tables_.reasons.push_back(std::move(fact));
    }
    const std::span order(cluster_.order().data(), cluster_.counts().submitted);
    for (const std::uint32_t job : order) {
      if (cluster_.facts().jobs[job].state == JobState::pending)
        tables_.reasons.push_back(why(job));
    }
    std::sort(tables_.reasons.begin(), tables_.reasons.end(),
              [](const JobReasonFact& a, const JobReasonFact& b) { return a.job < b.job; });
  }

  JobReasonFact why(std::uint32_t job) const {
    const NotNow why = with_rejections(cluster_.why_pending(job), cluster_.view(),
                                       cluster_.jobs()[job].gang.front());
    JobReasonFact fact;
    fact.job = row_of_[job];
    fact.reason = static_cast<std::uint8_t>(why.reason);
    if (names_a_job(why.reason)) fact.blocking = row_of_[why.blocking];
    fact.nodes_unschedulable = why.rejected.unschedulable;
    fact.nodes_gpu_kind = why.rejected.gpu_kind;
    fact.nodes_gpus = why.rejected.gpus;
    fact.nodes_cpu = why.rejected.cpu;
    fact.nodes_memory = why.rejected.memory;
    const Shortfall& nearest = why.nearest;
    if (nearest.gpu_milli > 0 || nearest.cpu_milli > 0 || nearest.memory > Bytes{0}) {
      fact.nearest_node = nearest.node;
      fact.missing_gpu_milli = nearest.gpu_milli;
      fact.missing_cpu_milli = nearest.cpu_milli;
      fact.missing_memory_bytes = nearest.memory.count();
    }
    const std::string blocking =
        names_a_job(why.reason) ? cluster_.jobs()[why.blocking].name : std::string();
    fact.text = why.reason == Reason::none
                    ? "no cycle of the scheduler has come to it yet"
                    : text_of(why, cluster_.view().nodes().names(), blocking);
    return fact;
  }

  const JobCluster& cluster_;
  const JobConstants& constants_;
  SimTime end_;
  std::vector<std::uint32_t> row_of_;  ///< of the table of jobs, by index into jobs()
  JobTables tables_;
};

}  // namespace

JobTables job_tables(const JobCluster& cluster, const JobConstants& constants, SimTime end) {
  return TableWriter(cluster, constants, end).write();
}

}  // namespace plimsoll
