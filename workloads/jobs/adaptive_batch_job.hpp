// A profiled application that adapts its batch to what it runs on and to its gradients' noise, as under Pollux.
#pragma once

#include <cstdint>
#include <memory>

#include "workloads/job_spec.hpp"
#include "workloads/jobs/profiled_application.hpp"

namespace plimsoll {

/// The law of step times that it adapts by is fitted to all that was profiled. It runs at the times that were measured,
/// or, where no measurement is about its placement and batch, at those of the law.
class AdaptiveBatchJob final : public JobModel {
 public:
  /// `fixed_batch` above 0: it may not adapt.
  explicit AdaptiveBatchJob(std::shared_ptr<const ProfiledApplication> application,
                            std::int32_t fixed_batch = 0);

  Duration time_to_end(const JobProgress& progress, const PlacementShape& shape) const override;
  JobProgress after(const JobProgress& progress, const PlacementShape& shape,
                    Duration run) const override;
  JobReport report(const JobProgress& progress, const PlacementShape& shape) const override;

 private:
  double rate(std::int32_t epoch, const PlacementShape& shape) const;
  BatchPlan plan(std::int32_t epoch, std::int32_t nodes, std::int32_t replicas) const;

  std::shared_ptr<const ProfiledApplication> application_;
  std::shared_ptr<const JobSpeed> speed_;
};

}  // namespace plimsoll
