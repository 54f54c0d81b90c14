// The scores of kube-scheduler's resource plugins, each 0 to 100: how full a node becomes with a worker.
// Source: kubernetes/kubernetes pkg/scheduler (framework/plugins/noderesources, util/pod_resources.go).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/config/fields.hpp"
#include "policies/node_fit.hpp"

namespace plimsoll {

/// How much each resource counts in a score. GPUs count only for workers that ask for some, as extended resources do.
struct ResourceWeights {
  std::int32_t cpu = 1;
  std::int32_t memory = 1;
  std::int32_t gpu = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("cpu", &ResourceWeights::cpu, "Weight of CPU.", 0, 100);
    visit("memory", &ResourceWeights::memory, "Weight of memory.", 0, 100);
    visit("gpu", &ResourceWeights::gpu, "Weight of GPUs.", 0, 100);
  }
};

struct ShapePoint {
  std::int32_t utilization = 0;  ///< percent
  std::int32_t score = 0;        ///< 0 to 10

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("utilization", &ShapePoint::utilization, "How full the resource becomes, in percent.",
          required, 0, 100);
    visit("score", &ShapePoint::score, "What that is worth.", required, 0, 10);
  }
};

/// A line from utilization to score. At least one point, and each utilization above the one before.
struct ScoreShape {
  std::vector<ShapePoint> points{{0, 0}, {100, 10}};
};

/// What a score is made of.
struct ScoreSettings {
  ResourceWeights resources;
  ScoreShape shape;  ///< of requested_to_capacity_ratio
};

/// The mean over resources of the percentage that stays free (least_allocated.go).
std::int32_t least_allocated_score(const NodeState& node, const ResourceRequest& worker,
                                   const ScoreSettings& settings);
/// The mean over resources of the percentage in use (most_allocated.go).
std::int32_t most_allocated_score(const NodeState& node, const ResourceRequest& worker,
                                  const ScoreSettings& settings);
/// 100 less the standard deviation of the percentages in use (balanced_allocation.go); resources with a weight count
/// alike.
std::int32_t balanced_allocation_score(const NodeState& node, const ResourceRequest& worker,
                                       const ScoreSettings& settings);
/// The mean over resources of their scores by the shape; one that scores nothing does not count
/// (requested_to_capacity_ratio.go).
std::int32_t requested_to_capacity_ratio_score(const NodeState& node, const ResourceRequest& worker,
                                               const ScoreSettings& settings);

/// A score by its name.
struct KubeScore {
  std::string_view name;
  std::int32_t (*of)(const NodeState&, const ResourceRequest&, const ScoreSettings&) = nullptr;
};
/// All of them.
std::span<const KubeScore> kube_scores();

template <>
struct FieldType<KubeScore> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   KubeScore& out);
  static ConfigNode write(const KubeScore& value);
};

template <>
struct FieldType<ScoreShape> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   ScoreShape& out);
  static ConfigNode write(const ScoreShape& value);
};

}  // namespace plimsoll
