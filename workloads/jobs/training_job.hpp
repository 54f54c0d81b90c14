// A transformer that is trained for so many steps, as fast as its GPUs and their places allow.
#pragma once

#include <cstdint>
#include <memory>

#include "workloads/job_spec.hpp"
#include "workloads/jobs/training_places.hpp"
#include "workloads/step_time/training_step.hpp"

namespace plimsoll {

struct TrainingJobSpec {
  ModelSpec model;
  TrainingCut cut;  ///< `gpus` follows the placement
  TrainingPrecision precision = TrainingPrecision::bf16;
  std::int64_t steps = 1;
};

/// What a gang may hold.
struct TrainingGang {
  GpuKinds kinds = 0;          ///< that any part of it accepts
  std::int32_t workers = 0;    ///< at most
  std::int32_t gpus = 0;       ///< of all its workers; elastic: of the fewest
  std::int32_t gpus_each = 0;  ///< elastic: of one worker
  std::int32_t min_workers = 0;
  std::int32_t max_workers = 0;  ///< equal: not elastic

  bool elastic() const { return min_workers != max_workers; }
  bool accepts(std::size_t kind) const { return ((kinds >> kind) & 1) != 0; }
};
TrainingGang training_gang(const JobSpec& job);

/// Progress is whole steps (`epoch`) and the share of the one that runs (`done`). A step is a whole number of
/// nanoseconds, so that `after` and `time_to_end` are exact inverses on one placement. On another, the share stays.
/// What would take more than a hundred years takes a hundred years.
///
/// With more or fewer GPUs than at first, the number of replicas follows and the batch stays: a replica more or less,
/// in whole ones; GPUs that no replica takes idle; where the batch does not divide, the replica with most counts.
/// Reports a step's time on each number of workers, packed (infinite below one replica), where it is elastic, and the
/// rate of steps on each kind of GPU.
class TrainingJob final : public JobModel {
 public:
  /// `gang`: of the reports; the places are shared with the other jobs of the cluster. Expects what make_training_job
  /// has checked.
  TrainingJob(TrainingJobSpec spec, const TrainingGang& gang,
              std::shared_ptr<const TrainingPlaces> places);

  Duration time_to_end(const JobProgress& progress, const PlacementShape& shape) const override;
  JobProgress after(const JobProgress& progress, const PlacementShape& shape,
                    Duration run) const override;
  JobReport report(const JobProgress& progress, const PlacementShape& shape) const override;

  const TrainingJobSpec& spec() const { return spec_; }
  /// As it is cut on so many GPUs: whole replicas, the rest idles.
  TrainingCut cut(std::int32_t gpus) const;
  TrainingStep step(const PlacementShape& shape) const;

 private:
  Duration step_time(const PlacementShape& shape) const;
  double packed_step_s(std::size_t kind, std::int32_t gpus) const;
  JobSpeed speed_of(const TrainingGang& gang) const;

  TrainingJobSpec spec_;
  std::shared_ptr<const TrainingPlaces> places_;
  std::shared_ptr<const JobSpeed> speed_;
};

}  // namespace plimsoll
