// Jobs of a known running time, whatever they are placed on: what traces without profiles record.
#pragma once

#include "workloads/job_spec.hpp"

namespace plimsoll {

class FixedTimeJob final : public JobModel {
 public:
  explicit FixedTimeJob(Duration time) : time_(time) {}

  /// Progress is counted in nanoseconds; exact below 2^53 of them, about 104 days.
  Duration time_to_end(const JobProgress& progress, const PlacementShape&) const override {
    return time_ - Duration{static_cast<Duration::rep>(progress.done)};
  }
  JobProgress after(const JobProgress& progress, const PlacementShape&,
                    Duration run) const override {
    return {progress.epoch, progress.done + static_cast<double>(run.count())};
  }

 private:
  Duration time_;
};

}  // namespace plimsoll
