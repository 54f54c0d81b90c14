#include "planner/tables/pollux_jobs.hpp"

#include <map>

namespace plimsoll {

namespace {

const std::map<std::string, JobFreedom>& policies() {
  static const std::map<std::string, JobFreedom> all{{"optimus", JobFreedom::gpus},
                                                     {"pollux", JobFreedom::gpus_and_batch},
                                                     {"tiresias", JobFreedom::none}};
  return all;
}

}  // namespace

bool is_pollux_policy(const std::string& policy) { return policies().contains(policy); }

std::vector<JobSpec> pollux_jobs(const std::string& policy, std::span<const TrainingJobRow> rows,
                                 const Applications& applications,
                                 const std::filesystem::path& file) {
  ProfiledJobSettings settings;
  settings.freedom = policies().at(policy);
  settings.gpus_per_node = kPolluxGpusPerNode;
  settings.most_gpus = kPolluxNodes * kPolluxGpusPerNode;
  return profiled_jobs(settings, rows, applications, file);
}

}  // namespace plimsoll
