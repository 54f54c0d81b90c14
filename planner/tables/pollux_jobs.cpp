#include "planner/tables/pollux_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/error.hpp"
#include "workloads/jobs/adaptive_batch_job.hpp"
#include "workloads/jobs/fixed_batch_job.hpp"

namespace plimsoll {

namespace fs = std::filesystem;

namespace {

constexpr Duration kRestart = std::chrono::seconds{30};

/// The artifact neither adapts the batch of its recommendation model nor gives it more than one GPU.
bool is_single(const TrainingJobRow& row) { return row.application == "ncf"; }

/// Jobs of one application and batch share a model.
class Models {
 public:
  Models(const Applications& applications, const fs::path& file)
      : applications_(applications), file_(file) {}

  std::shared_ptr<const JobModel> fixed(const TrainingJobRow& row, std::int32_t most_workers) {
    auto& model = fixed_[{row.application, row.batch, most_workers}];
    if (!model)
      model = std::make_shared<const FixedBatchJob>(of(row), row.batch, kPolluxGpusPerNode,
                                                    most_workers);
    return model;
  }
  std::shared_ptr<const JobModel> adaptive(const TrainingJobRow& row) {
    auto& model = adaptive_[row.application];
    if (!model)
      model = std::make_shared<const AdaptiveBatchJob>(of(row),
                                                       is_single(row) ? of(row)->most_batch() : 0);
    return model;
  }
  const std::shared_ptr<const ProfiledApplication>& of(const TrainingJobRow& row) const {
    const auto found = applications_.find(row.application);
    if (found == applications_.end())
      throw ConfigError({file_.string()},
                        fmt::format("job \"{}\" is of application \"{}\", which was not profiled.",
                                    row.name, row.application));
    return found->second;
  }

 private:
  const Applications& applications_;
  fs::path file_;
  std::map<std::tuple<std::string, std::int32_t, std::int32_t>, std::shared_ptr<const JobModel>>
      fixed_;
  std::map<std::string, std::shared_ptr<const JobModel>> adaptive_;
};

JobSpec spec_of(const TrainingJobRow& row) {
  JobSpec job;
  job.name = row.name;
  job.submitted_at = SimTime{from_seconds(row.submitted_s)};
  job.restart_cost = kRestart;
  job.gang = {SubGang{1, {}}};
  job.gang.front().each.gpus = 1;
  return job;
}

void make_elastic(JobSpec& job, std::int32_t most) {
  job.min_workers = 1;
  job.max_workers = std::max(1, std::min(most, kPolluxNodes * kPolluxGpusPerNode));
}

JobSpec tiresias_job(const TrainingJobRow& row, Models& models) {
  JobSpec job = spec_of(row);
  job.gang.front().workers = row.replicas;
  job.model = models.fixed(row, 0);
  return job;
}

JobSpec optimus_job(const TrainingJobRow& row, Models& models) {
  JobSpec job = spec_of(row);
  make_elastic(job, is_single(row) ? 1 : row.batch / models.of(row)->least_local_batch());
  job.model = models.fixed(row, job.max_workers);
  return job;
}

JobSpec pollux_job(const TrainingJobRow& row, Models& models) {
  JobSpec job = spec_of(row);
  const ProfiledApplication& application = *models.of(row);
  make_elastic(job,
               is_single(row) ? 1 : application.most_batch() / application.least_local_batch());
  job.model = models.adaptive(row);
  return job;
}

using MakeJob = JobSpec (*)(const TrainingJobRow& row, Models& models);
const std::map<std::string, MakeJob>& policies() {
  static const std::map<std::string, MakeJob> all{
      {"optimus", optimus_job}, {"pollux", pollux_job}, {"tiresias", tiresias_job}};
  return all;
}

}  // namespace

Applications read_applications(const fs::path& traces) {
  Applications applications;
  for (const auto& entry : fs::directory_iterator(traces)) {
    ApplicationProfile profile = read_application_profile(entry.path());
    // The artifact trains YOLOv3 with at most 8 images per GPU, though more were profiled.
    if (profile.name == "yolov3") profile.largest_local_batch = 8;
    std::string name = profile.name;
    applications.emplace(std::move(name),
                         std::make_shared<const ProfiledApplication>(std::move(profile)));
  }
  return applications;
}

bool is_pollux_policy(const std::string& policy) { return policies().contains(policy); }

std::vector<JobSpec> pollux_jobs(const std::string& policy, std::span<const TrainingJobRow> rows,
                                 const Applications& applications, const fs::path& file) {
  Models models(applications, file);
  std::vector<JobSpec> jobs;
  for (const TrainingJobRow& row : rows) jobs.push_back(policies().at(policy)(row, models));
  return jobs;
}

}  // namespace plimsoll
