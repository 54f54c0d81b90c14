// What a scheduler is shown of a job, and the shapes of placements that decide how fast it runs.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>

#include "sim/jobs/job_cluster.hpp"

namespace plimsoll {

JobView JobCluster::view_of(std::uint32_t job) const {
  const JobSpec& spec = (*jobs_)[job];
  const auto& levels = view_.facts().levels;
  const auto level = [&](const std::optional<std::string>& name) {
    if (!name) return std::int8_t{-1};
    const auto found = std::find(levels.begin(), levels.end(), *name);
    return static_cast<std::int8_t>(found == levels.end() ? -1 : found - levels.begin());
  };
  JobView seen;
  seen.id = view_.jobs().size();
  seen.queue = queue_ids_[job];
  seen.user = user_ids_[job];
  seen.priority = spec.priority;
  seen.preemptible = spec.preemptible;
  seen.submitted_at = spec.submitted_at;
  seen.gang = spec.gang;
  seen.min_workers = spec.min_workers;
  seen.max_workers = spec.max_workers;
  seen.required_level = level(spec.required_topology);
  seen.preferred_level = level(spec.preferred_topology);
  if (estimates_ == EstimateKind::user) seen.estimate = spec.user_estimate;
  if (estimates_ == EstimateKind::predicted) seen.estimate = spec.predicted;
  if (estimates_ == EstimateKind::oracle) {
    seen.estimate = spec.restart_cost + spec.model->time_to_end({}, closest_shape(spec));
  }
  if (reports_) seen.report = spec.model->report({}, {});
  return seen;
}

/// What running jobs report of their progress. Pending ones have said it when they were stopped.
void JobCluster::renew_reports() {
  std::erase_if(reporting_,
                [&](std::uint32_t row) { return facts_of(row).state == JobState::finished; });
  for (const std::uint32_t row : reporting_) {
    if (facts_of(row).state != JobState::running) continue;
    const Row& truth = rows_[row];
    const JobRun& run = facts_.runs[truth.run];
    const Duration worked = worked_until(row, now_);
    const JobModel& model = *spec_of(row).model;
    const PlacementShape shape = shape_of(facts_.placement(run));
    const JobProgress progress = model.after(truth.progress, shape, worked);
    view_.jobs().update(row, [&](JobView& seen) { seen.report = model.report(progress, shape); });
  }
}

PlacementShape JobCluster::shape_of(std::span<const NodeShare> shares) const {
  PlacementShape shape;
  const ClusterFacts& facts = view_.facts();
  bool one_node = true;
  for (const NodeShare& share : shares) {
    const auto gpus = static_cast<std::int32_t>(std::popcount(share.devices));
    const bool again = &share != &shares.front() && (&share - 1)->node == share.node;
    if (again) {
      shape.gpus_per_node.back() += gpus;
    } else {
      shape.gpus_per_node.push_back(gpus);
    }
    one_node = one_node && share.node == shares.front().node;
  }
  if (shares.empty()) return shape;
  if (!settings_.slowdowns.empty()) {
    for (const NodeShare& share : shares) {
      shape.slowdown = std::max(shape.slowdown, settings_.slowdowns[share.node]);
    }
  }
  shape.gpu_kind = facts.nodes[shares.front().node].gpu_kind;
  if (one_node) return shape;
  const auto same_domain = [&](std::size_t level) {
    return std::all_of(shares.begin(), shares.end(), [&](const NodeShare& share) {
      return facts.nodes[share.node].domain[level] ==
             facts.nodes[shares.front().node].domain[level];
    });
  };
  std::size_t level = 0;
  while (level < facts.levels.size() && !same_domain(level)) ++level;
  shape.span = static_cast<std::int32_t>(level);
  if (level > 0 && facts.levels.front() == "nvlink_domain") {
    std::map<std::uint32_t, std::int32_t> islands;
    for (const NodeShare& share : shares) {
      islands[facts.nodes[share.node].domain[0]] += std::popcount(share.devices);
    }
    for (const auto& [domain, gpus] : islands) shape.gpus_per_island.push_back(gpus);
  }
  return shape;
}

/// As few nodes as its GPUs fill, of the largest kind that it accepts, within the closest level: what an oracle
/// reckons with before a job runs.
PlacementShape JobCluster::closest_shape(const JobSpec& spec) const {
  std::int32_t gpus = 0;
  const bool elastic = spec.min_workers != spec.max_workers;
  for (const SubGang& part : spec.gang) {
    gpus += (elastic ? spec.min_workers : part.workers) * part.each.gpus;
  }
  return closest_shape(spec, gpus, -1);
}

/// `kind`: of its GPUs; -1: the kind with the largest nodes.
PlacementShape JobCluster::closest_shape(const JobSpec& spec, std::int32_t gpus,
                                         std::int32_t kind) const {
  PlacementShape shape;
  shape.gpu_kind = kind;
  std::int32_t per_node = kind < 0 ? 1 : largest_nodes_[static_cast<std::size_t>(kind)];
  for (std::size_t each = 0; kind < 0 && each < largest_nodes_.size(); ++each) {
    const bool accepted = ((spec.gang.front().each.gpu_kinds >> each) & 1) != 0;
    if (!accepted || (shape.gpu_kind >= 0 && largest_nodes_[each] <= per_node)) continue;
    per_node = std::max(1, largest_nodes_[each]);
    shape.gpu_kind = static_cast<std::int32_t>(each);
  }
  for (; gpus > 0; gpus -= per_node) shape.gpus_per_node.push_back(std::min(gpus, per_node));
  if (shape.gpus_per_node.size() > 1) shape.span = 0;
  return shape;
}

/// What a run that worked for so long would have taken on as many GPUs of its kind, on sound nodes as close together
/// as can be. Measured by what was left to do as it began.
Duration JobCluster::on_closest(std::uint32_t row, const PlacementShape& shape,
                                Duration worked) const {
  const JobSpec& spec = spec_of(row);
  const std::int32_t gpus =
      std::accumulate(shape.gpus_per_node.begin(), shape.gpus_per_node.end(), 0);
  const PlacementShape closest = closest_shape(spec, gpus, shape.gpu_kind);
  if (closest == shape) return worked;
  const double here = to_seconds(spec.model->time_to_end(rows_[row].progress, shape));
  const double there = to_seconds(spec.model->time_to_end(rows_[row].progress, closest));
  if (!(here > 0)) return worked;
  return Duration{static_cast<Duration::rep>(
      std::llround(static_cast<double>(worked.count()) * (there / here)))};
}

/// An oracle knows anew when costs, losses or the placement change what is to come.
void JobCluster::estimate_again(std::uint32_t row, const PlacementShape& shape) {
  if (estimates_ != EstimateKind::oracle) return;
  const Row& truth = rows_[row];
  const Duration estimate = facts_of(row).executed + setup_of(row) +
                            spec_of(row).model->time_to_end(truth.progress, shape);
  if (view_.jobs().row(row).estimate == estimate) return;
  view_.jobs().update(row, [&](JobView& seen) { seen.estimate = estimate; });
}

}  // namespace plimsoll
