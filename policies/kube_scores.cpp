#include "policies/kube_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace plimsoll {

namespace {

/// One resource of a node, as it would be with the worker. Weight 0: it does not count.
struct ResourceUse {
  std::int64_t capacity = 0;
  std::int64_t requested = 0;
  std::int64_t weight = 0;

  /// `part` of the capacity; 0 where there is none of the resource, or more is asked for than there is.
  std::int64_t percent(std::int64_t part) const {
    return capacity == 0 || requested > capacity ? 0 : part * 100 / capacity;
  }
};

/// Whether a worker without a request counts as 100 milli-CPU or 200 MiB.
enum class MissingRequests : std::uint8_t { as_nothing, as_a_little };

std::int64_t at_least_a_little(std::int64_t request, std::int64_t little, MissingRequests missing) {
  return request == 0 && missing == MissingRequests::as_a_little ? little : request;
}

/// CPU, memory, GPUs.
std::array<ResourceUse, 3> resource_uses(const NodeState& node, const ResourceRequest& worker,
                                         const ResourceWeights& weights, MissingRequests missing) {
  constexpr std::int64_t kLittleCpuMilli = 100;
  constexpr std::int64_t kLittleMemory = std::int64_t{200} << 20;
  const std::int64_t cpu = at_least_a_little(worker.cpu_milli, kLittleCpuMilli, missing);
  const std::int64_t memory = at_least_a_little(worker.memory.count(), kLittleMemory, missing);
  const Bytes used = node.facts.memory - node.row.free_memory;
  const std::int64_t gpus = std::int64_t{node.facts.gpus} * kWholeGpu;
  return {
      {{node.facts.cpu_milli, node.facts.cpu_milli - node.row.free_cpu_milli + cpu, weights.cpu},
       {node.facts.memory.count(), used.count() + memory, weights.memory},
       {gpus, gpus - free_gpu_milli_sum(node) + gpu_milli_sum(worker),
        worker.gpus > 0 ? weights.gpu : 0}}};
}

/// The mean over resources of the percentage that `part(use)` is of the capacity.
template <class Part>
std::int32_t mean_percent(const NodeState& node, const ResourceRequest& worker,
                          const ScoreSettings& settings, Part&& part) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use :
       resource_uses(node, worker, settings.resources, MissingRequests::as_a_little)) {
    sum += use.weight * use.percent(part(use));
    weights += use.weight;
  }
  return weights == 0 ? 0 : static_cast<std::int32_t>(sum / weights);
}

double deviation(std::span<const double> values) {
  if (values.size() < 2) return 0;
  if (values.size() == 2) return std::abs((values[0] - values[1]) / 2.0);
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

/// 0 to 100, in whole points.
std::int64_t on_line(const std::vector<ShapePoint>& shape, std::int64_t utilization) {
  constexpr std::int64_t kPoints = 10;  // for one of the shape's
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (utilization > shape[i].utilization) continue;
    if (i == 0) return shape[0].score * kPoints;
    const std::int64_t rise = (shape[i].score - shape[i - 1].score) * kPoints;
    const std::int64_t run = shape[i].utilization - shape[i - 1].utilization;
    return shape[i - 1].score * kPoints + rise * (utilization - shape[i - 1].utilization) / run;
  }
  return shape.back().score * kPoints;
}

constexpr std::array<KubeScore, 4> kScores{
    {{"least_allocated", &least_allocated_score},
     {"most_allocated", &most_allocated_score},
     {"balanced_allocation", &balanced_allocation_score},
     {"requested_to_capacity_ratio", &requested_to_capacity_ratio_score}}};

}  // namespace

std::int32_t least_allocated_score(const NodeState& node, const ResourceRequest& worker,
                                   const ScoreSettings& settings) {
  return mean_percent(node, worker, settings,
                      [](const ResourceUse& use) { return use.capacity - use.requested; });
}

std::int32_t most_allocated_score(const NodeState& node, const ResourceRequest& worker,
                                  const ScoreSettings& settings) {
  return mean_percent(node, worker, settings, [](const ResourceUse& use) { return use.requested; });
}

std::int32_t balanced_allocation_score(const NodeState& node, const ResourceRequest& worker,
                                       const ScoreSettings& settings) {
  if (worker.cpu_milli == 0 && worker.memory == Bytes{0} && worker.gpus == 0) return 0;
  std::array<double, 3> full{};
  std::size_t resources = 0;
  for (const ResourceUse& use :
       resource_uses(node, worker, settings.resources, MissingRequests::as_nothing)) {
    if (use.weight == 0 || use.capacity == 0) continue;
    full[resources++] =
        std::min(1.0, static_cast<double>(use.requested) / static_cast<double>(use.capacity));
  }
  const double spread = deviation(std::span(full).first(resources));
  return static_cast<std::int32_t>((1.0 - spread) * 100.0);
}

std::int32_t requested_to_capacity_ratio_score(const NodeState& node, const ResourceRequest& worker,
                                               const ScoreSettings& settings) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use :
       resource_uses(node, worker, settings.resources, MissingRequests::as_nothing)) {
    const std::int64_t utilization = 100 - use.percent(use.capacity - use.requested);
    const std::int64_t score = use.weight > 0 ? on_line(settings.shape.points, utilization) : 0;
    if (score == 0) continue;
    sum += use.weight * score;
    weights += use.weight;
  }
  if (weights == 0) return 0;
  return static_cast<std::int32_t>(
      std::round(static_cast<double>(sum) / static_cast<double>(weights)));
}

std::span<const KubeScore> kube_scores() { return kScores; }

void FieldType<KubeScore>::read(const FieldPlace& place, const ConfigNode& node,
                                const FieldRule<Unordered>&, KubeScore& out) {
  if (!place.expect(node, ConfigNode::Kind::scalar)) return;
  std::string names;
  for (const KubeScore& score : kScores) {
    if (node.text == score.name) {
      out = score;
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(score.name);
  }
  place.wrong(node, "is none of " + names);
}

ConfigNode FieldType<KubeScore>::write(const KubeScore& value) {
  return text_node(std::string(value.name));
}

void FieldType<ScoreShape>::read(const FieldPlace& place, const ConfigNode& node,
                                 const FieldRule<Unordered>&, ScoreShape& out) {
  const std::size_t faults = place.faults().size();
  FieldType<std::vector<ShapePoint>>::read(place, node, {}, out.points);
  if (place.faults().size() != faults) return;
  bool rises = !out.points.empty();
  for (std::size_t i = 1; i < out.points.size(); ++i) {
    rises = rises && out.points[i - 1].utilization < out.points[i].utilization;
  }
  if (!rises)
    place.wrong(node, "needs at least one point, and each utilization above the one before");
}

ConfigNode FieldType<ScoreShape>::write(const ScoreShape& value) {
  return FieldType<std::vector<ShapePoint>>::write(value.points);
}

}  // namespace plimsoll
