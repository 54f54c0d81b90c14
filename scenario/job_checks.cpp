#include "scenario/job_checks.hpp"

#include <fmt/format.h>

#include "hardware/topology/cluster_topology.hpp"

namespace plimsoll {
namespace {

void check_workers(const std::string& path, const WorkersConfig& workers,
                   const FieldFaults& faults) {
  if (workers.gpu_share < 1 && workers.gpus != 1) {
    faults.add(path + ".gpu_share", fmt::format("= {} is of one GPU, but each worker has {}.",
                                                workers.gpu_share, workers.gpus));
  }
  if (workers.mig_profile && (workers.gpus != 1 || workers.gpu_share < 1))
    faults.add(path + ".mig_profile", "stands in place of one GPU; leave out gpus and gpu_share.");
  if (workers.gpus == 0 && workers.cpu == 0 && workers.memory == Bytes{0})
    faults.add(path, "asks for nothing; give gpus, cpu or memory.");
}

void check_elastic(const std::string& path, const SubmittedJobConfig& job,
                   const FieldFaults& faults) {
  const ElasticConfig& elastic = *job.elastic;
  if (job.gang.size() != 1)
    faults.add(path + ".elastic", "is of a gang of one kind of workers alone.");
  if (elastic.min_workers > elastic.max_workers) {
    faults.add(
        path + ".elastic.min_workers",
        fmt::format("= {} is above max_workers = {}.", elastic.min_workers, elastic.max_workers));
  }
}

void check_job(const std::string& path, const SubmittedJobConfig& job, const FieldFaults& faults) {
  if (job.gang.empty()) faults.add(path + ".gang", "is empty; a job has at least one worker.");
  for (std::size_t part = 0; part < job.gang.size(); ++part)
    check_workers(fmt::format("{}.gang[{}]", path, part), job.gang[part], faults);
  if (job.elastic) check_elastic(path, job, faults);
  if (job.duration.has_value() == job.training.has_value()) {
    faults.add(path, fmt::format("has {}; give exactly one.",
                                 job.duration ? "both duration and training"
                                              : "neither duration nor training"));
  }
}

void check_level(const std::string& path, const std::optional<std::string>& level,
                 const FieldFaults& faults) {
  if (level) faults.check_name(path, "level of topology", *level, topology_levels());
}

}  // namespace

std::vector<std::string> topology_levels() {
  std::vector<std::string> names;
  for (auto level = static_cast<int>(FabricLevel::nvlink_domain);
       level < static_cast<int>(FabricLevel::cluster); ++level) {
    names.emplace_back(level_name(static_cast<FabricLevel>(level)));
  }
  return names;
}

void check_jobs(const std::string& path, const JobSourceConfig& jobs, const Scenario& scenario,
                const FieldFaults& faults) {
  const int sources =
      int{jobs.trace.has_value()} + int{jobs.synthetic.has_value()} + int{!jobs.list.empty()};
  if (sources != 1) {
    faults.add(path, fmt::format("has {} of trace, synthetic and list; give exactly one.",
                                 sources == 0 ? "none" : "several"));
  }
  if (jobs.trace) {
    faults.check_name(path + ".trace.layout", "layout", jobs.trace->layout,
                      {"consolidated", "scattered"});
  }
  if (jobs.synthetic && !jobs.synthetic->jobs && !scenario.run.horizon)
    faults.add(path + ".synthetic", "never ends; give it jobs, or give run.horizon.");
  for (std::size_t job = 0; job < jobs.list.size(); ++job)
    check_job(fmt::format("{}.list[{}]", path, job), jobs.list[job], faults);
  std::vector<std::string> groups;
  for (const auto& [name, group] : scenario.cluster.nodes) groups.push_back(name);
  for (std::size_t i = 0; i < jobs.nodes.size(); ++i)
    faults.check_name(fmt::format("{}.nodes[{}]", path, i), "name of cluster.nodes", jobs.nodes[i],
                      groups);
  check_level(path + ".topology.required", jobs.topology.required_level, faults);
  check_level(path + ".topology.preferred", jobs.topology.preferred_level, faults);
}

}  // namespace plimsoll
