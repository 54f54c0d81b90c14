// A profiled application trained at the batch size that its user chose, on however many replicas it is given.
#pragma once

#include <cstdint>
#include <memory>

#include "workloads/job_spec.hpp"
#include "workloads/jobs/profiled_application.hpp"

namespace plimsoll {

/// As in the simulator of the Pollux artifact: progress counts by epochs, and the time to an epoch's end is rounded to
/// whole seconds, half to even. The last epoch ends when it ends: its time is not rounded.
/// Reports the step time on each number of GPUs up to batch / smallest local batch, and the iterations that remain.
class FixedBatchJob final : public JobModel {
 public:
  /// `gpus_per_node`: of the nodes that the step times are reported for. `most_workers`: reported up to it.
  FixedBatchJob(std::shared_ptr<const ProfiledApplication> application, std::int32_t batch,
                std::int32_t gpus_per_node, std::int32_t most_workers);

  Duration time_to_end(const JobProgress& progress, const PlacementShape& shape) const override;
  JobProgress after(const JobProgress& progress, const PlacementShape& shape,
                    Duration run) const override;
  JobReport report(const JobProgress& progress, const PlacementShape& shape) const override;

 private:
  double predicted_step_s(std::int32_t workers, std::int32_t gpus_per_node) const;

  std::shared_ptr<const ProfiledApplication> application_;
  std::int32_t batch_;
  std::shared_ptr<const JobSpeed> speed_;
};

}  // namespace plimsoll
