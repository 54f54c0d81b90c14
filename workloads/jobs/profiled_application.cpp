#include "workloads/jobs/profiled_application.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/error.hpp"

namespace plimsoll {

namespace {

std::vector<std::int32_t> smallest_rotation(std::vector<std::int32_t> gpus_per_node) {
  std::vector<std::int32_t> smallest = gpus_per_node;
  for (std::size_t i = 1; i < gpus_per_node.size(); ++i) {
    std::rotate(gpus_per_node.begin(), gpus_per_node.begin() + 1, gpus_per_node.end());
    smallest = std::min(smallest, gpus_per_node);
  }
  return smallest;
}

std::array<double, 3> key_of(std::size_t nodes, std::int32_t replicas, std::int32_t local_batch) {
  return {static_cast<double>(nodes), static_cast<double>(replicas),
          static_cast<double>(local_batch)};
}

std::int32_t sum(const std::vector<std::int32_t>& values) {
  return std::accumulate(values.begin(), values.end(), 0);
}

/// Means of the placements by (nodes, replicas, local batch), then the scalability runs.
std::vector<ProfilePoint> points_of(const ApplicationProfile& profile) {
  std::map<std::array<double, 3>, std::pair<StepTimes, double>> means;
  for (const PlacementRow& row : profile.placements) {
    auto& [times, count] =
        means[key_of(row.gpus_per_node.size(), sum(row.gpus_per_node), row.local_batch)];
    times.step_s += row.times.step_s;
    times.sync_s += row.times.sync_s;
    count += 1;
  }
  std::vector<ProfilePoint> points;
  for (const auto& [at, mean] : means)
    points.push_back({at, {mean.first.step_s / mean.second, mean.first.sync_s / mean.second}});
  for (const ScalabilityRow& row : profile.scalability)
    points.push_back(
        {key_of(static_cast<std::size_t>(row.nodes), row.replicas, row.local_batch), row.times});
  return points;
}

std::int32_t ceil_of(double value) { return static_cast<std::int32_t>(std::ceil(value - 1e-8)); }

ApplicationProfile checked(ApplicationProfile profile) {
  const auto refuse = [&](const char* why) {
    throw ConfigError(Position{}, fmt::format("the profile of {} {}.", profile.name, why));
  };
  if (profile.validation.empty()) refuse("has no validation run");
  if (profile.placements.empty()) refuse("has no measured placement");
  for (const ValidationRun& run : profile.validation)
    if (run.epochs.empty()) refuse("has a validation run without epochs");
  return profile;
}

std::vector<StepObservation> observations_of(const ApplicationProfile& profile) {
  std::vector<StepObservation> all;
  for (const PlacementRow& row : profile.placements)
    all.push_back({static_cast<std::int32_t>(row.gpus_per_node.size()), sum(row.gpus_per_node),
                   row.local_batch, row.times.step_s, row.times.sync_s});
  for (const ScalabilityRow& row : profile.scalability)
    all.push_back({row.nodes, row.replicas, row.local_batch, row.times.step_s, row.times.sync_s});
  return all;
}

}  // namespace

ProfiledApplication::ProfiledApplication(ApplicationProfile profile)
    : profile_(checked(std::move(profile))),
      scattered_(points_of(profile_)),
      law_(fit_step_time_law(observations_of(profile_))) {
  least_local_ = most_local_ = profile_.placements.front().local_batch;
  for (const PlacementRow& row : profile_.placements) {
    by_placement_[row.gpus_per_node][row.local_batch] = row.times;
    least_local_ = std::min(least_local_, row.local_batch);
    most_local_ = std::max(most_local_, row.local_batch);
  }
  most_local_ = profile_.largest_local_batch.value_or(most_local_);
  std::size_t epochs = profile_.validation.front().epochs.size();
  for (const ValidationRun& run : profile_.validation) epochs = std::min(epochs, run.epochs.size());
  epochs_ = static_cast<std::int32_t>(epochs);
  for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
    double least = profile_.validation.front().epochs[epoch].progress;
    for (const ValidationRun& run : profile_.validation)
      least = std::min(least, run.epochs[epoch].progress);
    progress_.push_back(least);
  }
}

BatchPlan ProfiledApplication::split(std::int32_t batch, std::int32_t replicas) const {
  const double local = ceil_of(static_cast<double>(batch) / replicas);
  BatchPlan plan;
  plan.accumulation = ceil_of(local / most_local_) - 1;
  if (replicas == 1 && batch > least_batch()) plan.accumulation = std::max(1, plan.accumulation);
  plan.local = std::min(ceil_of(local / (plan.accumulation + 1)),
                        most_batch() / (replicas * (plan.accumulation + 1)));
  return plan;
}

double ProfiledApplication::progress_at_end(std::int32_t epoch) const {
  return progress_[static_cast<std::size_t>(epoch)];
}

ProfiledApplication::Neighbours ProfiledApplication::about(std::int32_t batch) const {
  const std::vector<ValidationRun>& runs = profile_.validation;
  const auto upper = std::lower_bound(
      runs.begin(), runs.end(), batch,
      [](const ValidationRun& run, std::int32_t wanted) { return run.batch < wanted; });
  if (upper == runs.end()) return {&runs.back(), &runs.back()};
  if (upper->batch == batch || upper == runs.begin()) return {&*upper, &*upper};
  return {&*(upper - 1), &*upper};
}

double ProfiledApplication::between(std::int32_t batch, std::int32_t epoch,
                                    double EpochRow::* value) const {
  const auto [lower, upper] = about(batch);
  const double low = lower->epochs[static_cast<std::size_t>(epoch)].*value;
  if (lower == upper) return low;
  const double high = upper->epochs[static_cast<std::size_t>(epoch)].*value;
  return ((batch - lower->batch) * high + (upper->batch - batch) * low) /
         (upper->batch - lower->batch);
}

double ProfiledApplication::iterations_at_end(std::int32_t batch, std::int32_t epoch) const {
  return between(batch, epoch, &EpochRow::iteration);
}

GradientStats ProfiledApplication::gradient(std::int32_t batch, std::int32_t epoch) const {
  return {between(batch, epoch, &EpochRow::grad_sqr), between(batch, epoch, &EpochRow::grad_var)};
}

double ProfiledApplication::gain(std::int32_t batch, std::int32_t epoch) const {
  const auto [sqr, var] = gradient(batch, epoch);
  const double scale = static_cast<double>(batch) / least_batch();
  return (var + sqr) / (var / scale + sqr);
}

std::optional<StepTimes> ProfiledApplication::find_times(
    const std::vector<std::int32_t>& gpus_per_node, std::int32_t local_batch) const {
  const auto measured = by_placement_.find(smallest_rotation(gpus_per_node));
  if (measured == by_placement_.end())
    return scattered_.at(key_of(gpus_per_node.size(), sum(gpus_per_node), local_batch));
  const auto& by_batch = measured->second;
  auto upper = by_batch.lower_bound(local_batch);
  if (upper == by_batch.end()) return std::nullopt;
  if (upper == by_batch.begin()) {
    if (upper->first != local_batch) return std::nullopt;
    return upper->second;
  }
  const auto lower = std::prev(upper);
  const auto line = [&](double from, double to) {
    return (to - from) / (upper->first - lower->first) * (local_batch - lower->first) + from;
  };
  return StepTimes{line(lower->second.step_s, upper->second.step_s),
                   line(lower->second.sync_s, upper->second.sync_s)};
}

StepTimes ProfiledApplication::times(const std::vector<std::int32_t>& gpus_per_node,
                                     std::int32_t local_batch) const {
  const auto measured = find_times(gpus_per_node, local_batch);
  if (measured) return *measured;
  const auto nodes = static_cast<std::int32_t>(gpus_per_node.size());
  const double step_s = law_.step_s(nodes, sum(gpus_per_node), local_batch);
  return {step_s, step_s - law_.compute_s(local_batch)};
}

std::vector<std::int32_t> packed(std::int32_t gpus, std::int32_t per_node) {
  std::vector<std::int32_t> nodes;
  for (; gpus > 0; gpus -= per_node) nodes.push_back(std::min(gpus, per_node));
  return nodes;
}

}  // namespace plimsoll
