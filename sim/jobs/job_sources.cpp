#include "sim/jobs/job_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/collect_faults.hpp"
#include "policies/mig_profiles.hpp"
#include "traces/job_synthesis.hpp"
#include "traces/job_trace_formats.hpp"
#include "workloads/job_fixed_time.hpp"

namespace plimsoll {
namespace {

/// One source while its jobs are made.
class Source {
 public:
  Source(const ResolvedJobs& source, const JobSourceContext& context)
      : source_(source),
        config_(context.resolved.scenario.jobs.at(source.name)),
        context_(context),
        path_("jobs." + source.name) {}

  std::vector<JobSpec> jobs() {
    check_kinds();
    std::vector<JobSpec> jobs = config_.trace ? traced() : config_.synthetic ? drawn() : listed();
    for (JobSpec& job : jobs) settle(job);
    if (const auto& horizon = context_.resolved.scenario.run.horizon) {
      std::erase_if(jobs, [&](const JobSpec& job) { return job.submitted_at > SimTime{*horizon}; });
    }
    return jobs;
  }

 private:
  Position at(const std::string& field) const {
    return position_of(context_.resolved.root, path_ + field);
  }

  GpuKinds allowed() const {
    GpuKinds kinds = 0;
    for (const std::size_t group : source_.groups) kinds |= context_.nodes.kinds_of_group[group];
    return kinds;
  }

  /// Nodes are told apart by their GPUs.
  void check_kinds() const {
    for (std::size_t group = 0; group < context_.nodes.kinds_of_group.size(); ++group) {
      const bool named =
          std::find(source_.groups.begin(), source_.groups.end(), group) != source_.groups.end();
      if (named || (context_.nodes.kinds_of_group[group] & allowed()) == 0) continue;
      throw ConfigError(
          at(".nodes"),
          fmt::format("{}.nodes leaves out {}, whose GPUs are of the same kind as those of a group "
                      "that it names and which other jobs run on; name both, or neither.",
                      path_, context_.resolved.groups[group].name));
    }
  }

  JobTraceContext trace_context() const {
    JobTraceContext trace;
    trace.gpus_per_node = 1;
    for (const std::size_t group : source_.groups)
      trace.gpus_per_node = std::max(trace.gpus_per_node, context_.nodes.largest_nodes[group]);
    trace.gpu_kinds = context_.nodes.facts.gpu_kinds;
    trace.allowed = allowed();
    return trace;
  }

  std::vector<JobSpec> traced() const {
    JobTraceContext trace = trace_context();
    trace.layout =
        config_.trace->layout == "scattered" ? GangLayout::scattered : GangLayout::consolidated;
    trace.profiles = source_.profiles;
    return read_job_trace({config_.trace->format, source_.trace.string()}, trace, at(".trace"));
  }

  std::vector<JobSpec> drawn() const {
    const SyntheticJobsConfig& config = *config_.synthetic;
    JobSynthesis synthesis;
    if (config.rate) synthesis.jobs_per_hour = config.rate->count() * 3600;
    synthesis.jobs = config.jobs;
    synthesis.horizon = context_.resolved.scenario.run.horizon;
    synthesis.most_gpus = config.max_gpus.value_or(gpus());
    synthesis.steady = config.steady;
    return synthesize_jobs(read_job_law(source_.law.string()), synthesis, trace_context(),
                           context_.resolved.scenario.run.seed, "jobs/" + source_.name);
  }

  /// Of all nodes that its jobs may run on.
  std::int32_t gpus() const {
    std::int32_t gpus = 0;
    for (const NodeFacts& node : context_.nodes.facts.nodes) {
      if (node.gpu_kind >= 0 && ((allowed() >> node.gpu_kind) & 1) != 0) gpus += node.gpus;
    }
    return gpus;
  }

  std::vector<JobSpec> listed() const {
    std::vector<JobSpec> jobs;
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < config_.list.size(); ++i) {
      collect_faults(faults,
                     [&] { jobs.push_back(listed(config_.list[i], fmt::format(".list[{}]", i))); });
    }
    if (!faults.empty()) throw ConfigError(std::move(faults));
    return jobs;
  }

  JobSpec listed(const SubmittedJobConfig& config, const std::string& field) const {
    JobSpec job;
    job.name = config.name;
    job.submitted_at = SimTime{config.submit};
    job.priority = config.priority.value_or(config_.priority);
    for (std::size_t part = 0; part < config.gang.size(); ++part)
      job.gang.push_back(workers(config.gang[part], fmt::format("{}.gang[{}]", field, part)));
    const std::int32_t workers = job.gang.front().workers;
    job.min_workers = config.elastic ? config.elastic->min_workers : workers;
    job.max_workers = config.elastic ? config.elastic->max_workers : workers;
    if (config.training) {
      job.model = make_training_job(*config.training, job, context_.places, context_.workloads,
                                    at(field + ".training"));
      job.user_estimate = config.estimate.value_or(packed_time(job));
    } else {
      job.model = std::make_shared<FixedTimeJob>(*config.duration);
      job.user_estimate = config.estimate.value_or(*config.duration);
    }
    return job;
  }

  SubGang workers(const WorkersConfig& config, const std::string& field) const {
    SubGang part;
    part.workers = config.workers;
    const GpuKinds kinds = config.gpus > 0 ? kinds_of(config, field) & allowed() : kAnyGpuKind;
    if (config.mig_profile) {
      part.each = partition(*config.mig_profile, kinds, field + ".mig_profile");
    } else {
      part.each.gpus = config.gpus;
      part.each.gpu_milli = static_cast<std::int32_t>(std::lround(config.gpu_share * kWholeGpu));
      part.each.gpu_kinds = kinds;
    }
    part.each.cpu_milli = std::llround(config.cpu * 1000);
    part.each.memory = config.memory;
    return part;
  }

  ResourceRequest partition(const std::string& profile, GpuKinds kinds,
                            const std::string& field) const {
    try {
      return mig_worker(context_.nodes.facts, profile, kinds);
    } catch (const ConfigError& error) {
      throw ConfigError(at(field),
                        fmt::format("{}{}: {}", path_, field, error.faults().front().message));
    }
  }

  GpuKinds kinds_of(const WorkersConfig& config, const std::string& field) const {
    if (config.gpu_kinds.empty()) return kAnyGpuKind;
    GpuKinds kinds = 0;
    const std::vector<std::string>& known = context_.nodes.facts.gpu_kinds;
    for (const std::string& name : config.gpu_kinds) {
      const auto kind = std::find(known.begin(), known.end(), name);
      if (kind == known.end()) {
        throw ConfigError(at(field + ".gpu_kinds"),
                          fmt::format("{}{}.gpu_kinds: no node that jobs may run on has a \"{}\"; "
                                      "there are: {}.",
                                      path_, field, name, fmt::join(known, ", ")));
      }
      kinds |= GpuKinds{1} << (kind - known.begin());
    }
    return kinds;
  }

  /// Where all its GPUs are of the first kind that it accepts, on as few nodes as will do.
  Duration packed_time(const JobSpec& job) const {
    const TrainingGang gang = training_gang(job);
    std::int32_t kind = 0;
    while (!gang.accepts(static_cast<std::size_t>(kind))) ++kind;
    return job.model->time_to_end({}, context_.places->packed(kind, gang.gpus));
  }

  /// What holds for all jobs of the source.
  void settle(JobSpec& job) const {
    if (config_.queue) job.queue = *config_.queue;
    if (config_.user) job.user = *config_.user;
    if (config_.list.empty()) job.priority = config_.priority;
    job.preemptible = config_.preemptible;
    if (config_.restart_cost) job.restart_cost = *config_.restart_cost;
    if (config_.eviction_cost) job.eviction_cost = *config_.eviction_cost;
    if (config_.checkpoint_interval) job.checkpoint_interval = config_.checkpoint_interval;
    job.required_topology = config_.topology.required_level;
    job.preferred_topology = config_.topology.preferred_level;
    for (SubGang& part : job.gang) {
      if (part.each.gpus > 0) part.each.gpu_kinds &= allowed();
    }
  }

  const ResolvedJobs& source_;
  const JobSourceConfig& config_;
  const JobSourceContext& context_;
  std::string path_;
};

}  // namespace

std::vector<JobSpec> jobs_of(const ResolvedJobs& source, const JobSourceContext& context) {
  return Source(source, context).jobs();
}

}  // namespace plimsoll
