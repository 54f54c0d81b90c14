// A job of so many steps at a measured rate on each kind of GPU.
#pragma once

#include <memory>

#include "workloads/job_spec.hpp"

namespace plimsoll {

/// As in Gavel's simulator: where its GPUs are makes no difference, only of which kind they are. Progress is
/// steps done.
class ThroughputJob final : public JobModel {
 public:
  /// `speed->steps_per_s` by kind. Throws ConfigError unless steps are above 0, and some rate is.
  ThroughputJob(double steps, std::shared_ptr<const JobSpeed> speed);

  Duration time_to_end(const JobProgress& progress, const PlacementShape& shape) const override;
  JobProgress after(const JobProgress& progress, const PlacementShape& shape,
                    Duration run) const override;
  JobReport report(const JobProgress& progress, const PlacementShape& shape) const override;

 private:
  double rate(const PlacementShape& shape) const;

  double steps_;
  std::shared_ptr<const JobSpeed> speed_;
};

}  // namespace plimsoll
