#include "workloads/jobs/training_job.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/assert.hpp"

namespace plimsoll {

namespace {

/// A hundred years.
constexpr Duration kForever{3'150'000'000'000'000'000};

std::int32_t gpus_of(const PlacementShape& shape) {
  return std::accumulate(shape.gpus_per_node.begin(), shape.gpus_per_node.end(), 0);
}

/// Time of the share that is done of a step of such length.
std::int64_t ns_done(double share, std::int64_t step_ns) {
  return std::llround(share * static_cast<double>(step_ns));
}

}  // namespace

TrainingGang training_gang(const JobSpec& job) {
  TrainingGang gang;
  gang.min_workers = job.min_workers;
  gang.max_workers = job.max_workers;
  for (const SubGang& part : job.gang) {
    gang.kinds |= part.each.gpu_kinds;
    gang.gpus_each = part.each.gpus;
    gang.workers += gang.elastic() ? job.max_workers : part.workers;
    gang.gpus += (gang.elastic() ? job.min_workers : part.workers) * part.each.gpus;
  }
  return gang;
}

TrainingJob::TrainingJob(TrainingJobSpec spec, const TrainingGang& gang,
                         std::shared_ptr<const TrainingPlaces> places)
    : spec_(std::move(spec)), places_(std::move(places)) {
  speed_ = std::make_shared<const JobSpeed>(speed_of(gang));
}

double TrainingJob::packed_step_s(std::size_t kind, std::int32_t gpus) const {
  if (gpus < spec_.cut.replica_gpus()) return std::numeric_limits<double>::infinity();
  return to_seconds(step_time(places_->packed(static_cast<std::int32_t>(kind), gpus)));
}

JobSpeed TrainingJob::speed_of(const TrainingGang& gang) const {
  JobSpeed speed;
  std::size_t best = 0;
  for (std::size_t kind = 0; kind < places_->kinds().size(); ++kind) {
    const bool runs = gang.accepts(kind) && places_->kinds()[kind].gpus > 0;
    speed.steps_per_s.push_back(runs ? 1 / packed_step_s(kind, gang.gpus) : 0);
    if (speed.steps_per_s[kind] > speed.steps_per_s[best]) best = kind;
  }
  if (!gang.elastic()) return speed;
  const std::int32_t most =
      std::min(gang.max_workers, places_->kinds()[best].gpus / gang.gpus_each);
  for (std::int32_t workers = 1; workers <= most; ++workers)
    speed.step_s.push_back(packed_step_s(best, workers * gang.gpus_each));
  return speed;
}

TrainingCut TrainingJob::cut(std::int32_t gpus) const {
  TrainingCut cut = spec_.cut;
  cut.gpus = static_cast<std::int32_t>(gpus / cut.replica_gpus() * cut.replica_gpus());
  return cut;
}

TrainingStep TrainingJob::step(const PlacementShape& shape) const {
  const TrainingCut cut = this->cut(gpus_of(shape));
  const TrainingPlace& place = places_->kinds()[static_cast<std::size_t>(shape.gpu_kind)];
  PLIMSOLL_ASSERT(cut.gpus > 0 && place.law, "{} GPUs of {}", gpus_of(shape), place.gpu.name);
  return training_step(spec_.model, cut, places_->gpus(shape, cut.gpus, spec_.precision),
                       *place.law);
}

Duration TrainingJob::step_time(const PlacementShape& shape) const {
  return std::max(Duration{1}, from_seconds(std::min(step(shape).total_s(), to_seconds(kForever))));
}

Duration TrainingJob::time_to_end(const JobProgress& progress, const PlacementShape& shape) const {
  const Duration step = step_time(shape);
  const std::int64_t left = spec_.steps - progress.epoch;
  if (left > 0 && step > kForever / left) return kForever;
  return step * left - Duration{ns_done(progress.done, step.count())};
}

JobProgress TrainingJob::after(const JobProgress& progress, const PlacementShape& shape,
                               Duration run) const {
  const std::int64_t step = step_time(shape).count();
  const std::int64_t ran = ns_done(progress.done, step) + run.count();
  const std::int64_t whole = progress.epoch + ran / step;
  if (whole >= spec_.steps) return {static_cast<std::int32_t>(spec_.steps), 0};
  return {static_cast<std::int32_t>(whole),
          static_cast<double>(ran % step) / static_cast<double>(step)};
}

JobReport TrainingJob::report(const JobProgress& progress, const PlacementShape&) const {
  return {speed_, static_cast<double>(spec_.steps - progress.epoch) - progress.done, {}};
}

}  // namespace plimsoll
