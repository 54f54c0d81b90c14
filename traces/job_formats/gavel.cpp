// Traces of Gavel: jobs of measured types, whose speed depends on the kind of GPU. A job of a type that was not
// measured on so many GPUs of a kind that it may use accepts no kind and has no model.
#include "traces/gavel.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "traces/gpu_kind_names.hpp"
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

/// The same throughputs, of the kinds that the cluster has and the jobs may use; 0 for those that were not measured.
GavelThroughputs of_cluster(const GavelThroughputs& measured, const JobTraceContext& context) {
  const GpuKindNames names(context.gpu_kinds);
  GavelThroughputs all;
  all.kinds = context.gpu_kinds;
  GpuKinds found = 0;
  for (std::size_t k = 0; k < measured.kinds.size(); ++k) {
    const GpuKinds kinds = names.find(measured.kinds[k]) & context.allowed;
    found |= kinds;
    for (const auto& [job, rates] : measured.steps_per_s) {
      std::vector<double>& of_job = all.steps_per_s[job];
      of_job.resize(all.kinds.size(), 0);
      for (std::size_t c = 0; c < of_job.size(); ++c)
        if ((kinds >> c) & 1) of_job[c] = rates[k];
    }
  }
  if (found == 0)
    throw ConfigError(
        {context.profiles.string()},
        fmt::format("has throughputs of {}; the GPUs that the jobs may run on ({}) "
                    "are none of these.",
                    fmt::join(measured.kinds, ", "), fmt::join(context.gpu_kinds, ", ")));
  return all;
}

GpuKinds kinds_that_run(const std::vector<double>& rates) {
  GpuKinds kinds = 0;
  for (std::size_t k = 0; k < rates.size(); ++k)
    if (rates[k] > 0) kinds |= GpuKinds{1} << k;
  return kinds;
}

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  const auto rows = read_gavel_trace(path);
  const auto throughputs = of_cluster(read_gavel_throughputs(context.profiles), context);
  std::vector<GavelJobRow> measured;
  std::vector<JobSpec> jobs;
  std::vector<std::size_t> places;
  for (const GavelJobRow& row : rows) {
    const auto rates = throughputs.steps_per_s.find(row.kind);
    const GpuKinds kinds =
        rates == throughputs.steps_per_s.end() ? 0 : kinds_that_run(rates->second);
    JobSpec& job = jobs.emplace_back();
    job.submitted_at = SimTime{from_seconds(row.submitted_s)};
    RecordedJob request;
    request.gpus = row.kind.gpus;
    job.gang = gang_of(request, context.gpus_per_node, context.layout, kinds);
    if (kinds == 0) continue;
    measured.push_back(row);
    places.push_back(jobs.size() - 1);
  }
  const auto specs = gavel_jobs(measured, throughputs, path);
  for (std::size_t i = 0; i < specs.size(); ++i) jobs[places[i]].model = specs[i].model;
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].name = fmt::format("job-{:05}", i);
  return jobs;
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(gavel, plimsoll::read_jobs,
                          "Traces of Gavel (*.trace): jobs of measured types, whose speed depends "
                          "on the kind of GPU.",
                          "the file simulation_throughputs.json of Gavel",
                          "Derived from the traces of Gavel "
                          "(github.com/stanford-futuredata/gavel), MIT.")
