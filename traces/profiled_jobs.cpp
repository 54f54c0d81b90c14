#include "traces/profiled_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
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

/// Makes jobs; those of one application and batch share a model.
class JobMaker {
 public:
  JobMaker(const ProfiledJobSettings& settings, const Applications& applications,
           const fs::path& file)
      : settings_(settings), applications_(applications), file_(file) {}

  JobSpec job(const TrainingJobRow& row) {
    const auto& application = application_of(row);
    JobSpec job;
    job.name = row.name;
    job.submitted_at = SimTime{from_seconds(row.submitted_s)};
    job.restart_cost = kRestart;
    SubGang& workers = job.gang.emplace_back();
    workers.each.gpus = 1;
    workers.each.gpu_kinds = settings_.allowed;
    switch (settings_.freedom) {
      case JobFreedom::none:
        workers.workers = row.replicas;
        job.model = fixed(application, row, 0);
        break;
      case JobFreedom::gpus:
        make_elastic(job, row, row.batch / application->least_local_batch());
        job.model = fixed(application, row, job.max_workers);
        break;
      case JobFreedom::gpus_and_batch:
        make_elastic(job, row, application->most_batch() / application->least_local_batch());
        job.model = adaptive(application, row);
        break;
    }
    return job;
  }

 private:
  using Application = std::shared_ptr<const ProfiledApplication>;

  const Application& application_of(const TrainingJobRow& row) const {
    const auto found = applications_.find(row.application);
    if (found == applications_.end())
      throw ConfigError({file_.string()},
                        fmt::format("job \"{}\" is of application \"{}\", which was not profiled.",
                                    row.name, row.application));
    return found->second;
  }
  void make_elastic(JobSpec& job, const TrainingJobRow& row, std::int32_t most) const {
    job.min_workers = 1;
    job.max_workers = is_single(row) ? 1 : std::max(1, std::min(most, settings_.most_gpus));
  }
  std::shared_ptr<const JobModel> fixed(const Application& application, const TrainingJobRow& row,
                                        std::int32_t most_workers) {
    auto& model = fixed_[{row.application, row.batch, most_workers}];
    if (!model)
      model = std::make_shared<const FixedBatchJob>(application, row.batch, settings_.gpus_per_node,
                                                    most_workers);
    return model;
  }
  std::shared_ptr<const JobModel> adaptive(const Application& application,
                                           const TrainingJobRow& row) {
    auto& model = adaptive_[row.application];
    if (!model)
      model = std::make_shared<const AdaptiveBatchJob>(
          application, is_single(row) ? application->most_batch() : 0);
    return model;
  }

  ProfiledJobSettings settings_;
  const Applications& applications_;
  fs::path file_;
  std::map<std::tuple<std::string, std::int32_t, std::int32_t>, std::shared_ptr<const JobModel>>
      fixed_;
  std::map<std::string, std::shared_ptr<const JobModel>> adaptive_;
};

}  // namespace

Applications read_applications(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw ConfigError({folder.string()}, "is no folder of profiled applications.");
  Applications applications;
  for (const auto& entry : fs::directory_iterator(folder)) {
    ApplicationProfile profile = read_application_profile(entry.path());
    // The artifact trains YOLOv3 with at most 8 images per GPU, though more were profiled.
    if (profile.name == "yolov3") profile.largest_local_batch = 8;
    std::string name = profile.name;
    applications.emplace(std::move(name),
                         std::make_shared<const ProfiledApplication>(std::move(profile)));
  }
  return applications;
}

std::vector<JobSpec> profiled_jobs(const ProfiledJobSettings& settings,
                                   std::span<const TrainingJobRow> rows,
                                   const Applications& applications, const fs::path& file) {
  JobMaker maker(settings, applications, file);
  std::vector<JobSpec> jobs;
  jobs.reserve(rows.size());
  for (const TrainingJobRow& row : rows) jobs.push_back(maker.job(row));
  return jobs;
}

std::vector<JobSpec> read_profiled_jobs(JobFreedom freedom, const std::string& path,
                                        const JobTraceContext& context) {
  ProfiledJobSettings settings;
  settings.freedom = freedom;
  settings.gpus_per_node = context.gpus_per_node;
  settings.allowed = context.allowed;
  const auto rows = read_training_workload(path);
  return profiled_jobs(settings, rows, read_applications(context.profiles), path);
}

}  // namespace plimsoll
