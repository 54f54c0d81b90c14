#include "workloads/jobs/throughput_job.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace plimsoll {

namespace {

/// On a kind where it cannot run it would take for ever: a hundred years.
constexpr double kForever_s = 3.15e9;

}  // namespace

ThroughputJob::ThroughputJob(double steps, std::shared_ptr<const JobSpeed> speed)
    : steps_(steps), speed_(std::move(speed)) {
  const auto& rates = speed_->steps_per_s;
  if (!(steps > 0)) throw ConfigError(Position{}, "a job of no steps.");
  if (std::none_of(rates.begin(), rates.end(), [](double rate) { return rate > 0; }))
    throw ConfigError(Position{}, "a job that runs on no kind of GPU.");
}

double ThroughputJob::rate(const PlacementShape& shape) const {
  const auto kind = static_cast<std::size_t>(shape.gpu_kind);
  return kind < speed_->steps_per_s.size() ? speed_->steps_per_s[kind] : 0;
}

Duration ThroughputJob::time_to_end(const JobProgress& progress,
                                    const PlacementShape& shape) const {
  const double left = std::max(0.0, steps_ - progress.done);
  const double rate = this->rate(shape);
  return from_seconds(rate > 0 ? std::min(left / rate, kForever_s) : kForever_s);
}

JobProgress ThroughputJob::after(const JobProgress& progress, const PlacementShape& shape,
                                 Duration run) const {
  return {progress.epoch, std::min(steps_, progress.done + rate(shape) * to_seconds(run))};
}

JobReport ThroughputJob::report(const JobProgress& progress, const PlacementShape&) const {
  return {speed_, steps_ - progress.done, {}};
}

}  // namespace plimsoll
