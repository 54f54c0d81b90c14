#include "workloads/jobs/fixed_batch_job.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "workloads/jobs/epoch_walk.hpp"

namespace plimsoll {

namespace {

/// Progress per second during an epoch, on one placement.
class Rate {
 public:
  Rate(const ProfiledApplication& application, std::int32_t batch, const PlacementShape& shape)
      : application_(application) {
    const std::int32_t replicas =
        std::accumulate(shape.gpus_per_node.begin(), shape.gpus_per_node.end(), 0);
    const BatchPlan plan = application.split(batch, replicas);
    batch_ = plan.batch(replicas);
    iteration_s_ =
        ProfiledApplication::iteration_s(application.times(shape.gpus_per_node, plan.local), plan);
  }
  double operator()(std::int32_t epoch) const {
    return application_.gain(batch_, epoch) / iteration_s_;
  }

 private:
  const ProfiledApplication& application_;
  std::int32_t batch_ = 0;
  double iteration_s_ = 0;
};

}  // namespace

FixedBatchJob::FixedBatchJob(std::shared_ptr<const ProfiledApplication> application,
                             std::int32_t batch, std::int32_t gpus_per_node,
                             std::int32_t most_workers)
    : application_(std::move(application)), batch_(batch) {
  JobSpeed speed;
  for (std::int32_t workers = 1; workers <= most_workers; ++workers)
    speed.step_s.push_back(predicted_step_s(workers, gpus_per_node));
  speed_ = std::make_shared<const JobSpeed>(std::move(speed));
}

double FixedBatchJob::predicted_step_s(std::int32_t workers, std::int32_t gpus_per_node) const {
  BatchPlan plan = application_->split(batch_, workers);
  if (workers == 1 && plan.accumulation == 0) plan = {(batch_ + 1) / 2, 1};
  return ProfiledApplication::iteration_s(
      application_->times(packed(workers, gpus_per_node), plan.local), plan);
}

Duration FixedBatchJob::time_to_end(const JobProgress& progress,
                                    const PlacementShape& shape) const {
  const auto end = [&](std::int32_t epoch) { return application_->progress_at_end(epoch); };
  return time_through_epochs(progress, application_->epochs(), end,
                             Rate(*application_, batch_, shape));
}

JobProgress FixedBatchJob::after(const JobProgress& progress, const PlacementShape& shape,
                                 Duration run) const {
  const auto end = [&](std::int32_t epoch) { return application_->progress_at_end(epoch); };
  return walk_epochs(progress, application_->epochs(), end, Rate(*application_, batch_, shape),
                     run);
}

JobReport FixedBatchJob::report(const JobProgress& progress, const PlacementShape&) const {
  const std::int32_t last = application_->epochs() - 1;
  if (progress.epoch >= last) return {speed_, 1, {}};
  return {speed_,
          application_->iterations_at_end(batch_, last) -
              application_->iterations_at_end(batch_, progress.epoch),
          {}};
}

}  // namespace plimsoll
