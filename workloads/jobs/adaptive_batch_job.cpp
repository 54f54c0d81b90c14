#include "workloads/jobs/adaptive_batch_job.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "workloads/jobs/epoch_walk.hpp"

namespace plimsoll {

namespace {

std::int32_t sum(const std::vector<std::int32_t>& values) {
  return std::accumulate(values.begin(), values.end(), 0);
}

}  // namespace

AdaptiveBatchJob::AdaptiveBatchJob(std::shared_ptr<const ProfiledApplication> application,
                                   std::int32_t fixed_batch)
    : application_(std::move(application)) {
  GoodputModel model;
  model.law = application_->law();
  model.least_batch = application_->least_batch();
  model.most_batch = application_->most_batch();
  model.least_local_batch = application_->least_local_batch();
  model.most_local_batch = application_->most_local_batch();
  model.fixed_batch = fixed_batch;
  JobSpeed speed;
  speed.goodput = model;
  speed_ = std::make_shared<const JobSpeed>(std::move(speed));
}

/// The best plan and the gradients at its batch depend on each other: a second look settles it.
BatchPlan AdaptiveBatchJob::plan(std::int32_t epoch, std::int32_t nodes,
                                 std::int32_t replicas) const {
  const GoodputModel& model = *speed_->goodput;
  if (model.fixed_batch > 0) return application_->split(model.fixed_batch, replicas);
  std::int32_t batch = model.least_batch;
  BatchPlan plan;
  for (int look = 0; look < 2; ++look) {
    plan = model.best(application_->gradient(batch, epoch), nodes, replicas).plan;
    plan.local =
        std::max(1, std::min(plan.local, model.most_batch / (replicas * (plan.accumulation + 1))));
    batch = plan.batch(replicas);
  }
  return plan;
}

double AdaptiveBatchJob::rate(std::int32_t epoch, const PlacementShape& shape) const {
  const auto nodes = static_cast<std::int32_t>(shape.gpus_per_node.size());
  const std::int32_t replicas = sum(shape.gpus_per_node);
  const BatchPlan plan = this->plan(epoch, nodes, replicas);
  return application_->gain(plan.batch(replicas), epoch) /
         ProfiledApplication::iteration_s(application_->times(shape.gpus_per_node, plan.local),
                                          plan);
}

Duration AdaptiveBatchJob::time_to_end(const JobProgress& progress,
                                       const PlacementShape& shape) const {
  return time_through_epochs(
      progress, application_->epochs(),
      [&](std::int32_t epoch) { return application_->progress_at_end(epoch); },
      [&](std::int32_t epoch) { return rate(epoch, shape); });
}

JobProgress AdaptiveBatchJob::after(const JobProgress& progress, const PlacementShape& shape,
                                    Duration run) const {
  return walk_epochs(
      progress, application_->epochs(),
      [&](std::int32_t epoch) { return application_->progress_at_end(epoch); },
      [&](std::int32_t epoch) { return rate(epoch, shape); }, run);
}

JobReport AdaptiveBatchJob::report(const JobProgress& progress, const PlacementShape& shape) const {
  JobReport report{speed_, 0, {}};
  const std::int32_t epoch = std::min(progress.epoch, application_->epochs() - 1);
  const std::int32_t replicas = std::max(1, sum(shape.gpus_per_node));
  const auto nodes = std::max(1, static_cast<std::int32_t>(shape.gpus_per_node.size()));
  report.gradient = application_->gradient(plan(epoch, nodes, replicas).batch(replicas), epoch);
  return report;
}

}  // namespace plimsoll
