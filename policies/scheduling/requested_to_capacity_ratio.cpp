// kube-scheduler's RequestedToCapacityRatio: a score by how full each resource becomes, on a line through given points
// (requested_to_capacity_ratio.go).
#include <cmath>

#include "policies/kube_scoring.hpp"

namespace {

using namespace plimsoll;

struct ShapePoint {
  std::int32_t utilization = 0;
  std::int32_t score = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("utilization", &ShapePoint::utilization, "How full the resource becomes, in percent.",
          required, 0, 100);
    visit("score", &ShapePoint::score, "What that is worth.", required, 0, 10);
  }
};

struct RatioConfig {
  ResourceWeights resources;
  std::int32_t percentage_of_nodes_to_score = 0;
  std::vector<ShapePoint> shape{{0, 0}, {100, 10}};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("resources", &RatioConfig::resources, "How much each resource counts.");
    visit("percentage_of_nodes_to_score", &RatioConfig::percentage_of_nodes_to_score,
          "Nodes that fit are looked for until so many are found; 0: by the size of the cluster.",
          0, 100);
    visit("shape", &RatioConfig::shape, "Points of the line from utilization to score.");
  }
};

void check(const std::vector<ShapePoint>& shape) {
  bool rises = !shape.empty();
  for (std::size_t i = 1; i < shape.size(); ++i) {
    rises = rises && shape[i - 1].utilization < shape[i].utilization;
  }
  if (rises) return;
  throw ConfigError(
      Position{},
      "policies.scheduling.shape: needs at least one point, and each utilization above "
      "the one before.");
}

class RequestedToCapacityRatioScore {
 public:
  using Config = RatioConfig;

  RequestedToCapacityRatioScore(const Config& config, const PolicyContext&)
      : config_(config), sampling_(config.percentage_of_nodes_to_score) {
    check(config_.shape);
  }

  /// Resources that score nothing do not count.
  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    std::int64_t sum = 0;
    std::int64_t weights = 0;
    for (const ResourceUse& use :
         resource_uses(node, worker, config_.resources, MissingRequests::as_nothing)) {
      const std::int64_t utilization = 100 - use.percent(use.capacity - use.requested);
      const std::int64_t score = use.weight > 0 ? on_line(utilization) : 0;
      if (score == 0) continue;
      sum += use.weight * score;
      weights += use.weight;
    }
    if (weights == 0) return 0;
    return static_cast<std::int32_t>(
        std::round(static_cast<double>(sum) / static_cast<double>(weights)));
  }

  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject&) {
    return sampling_.choose(places);
  }

 private:
  /// 0 to 100, in whole points.
  std::int64_t on_line(std::int64_t utilization) const {
    constexpr std::int64_t kPoints = 10;  // for one of the shape's
    const std::vector<ShapePoint>& shape = config_.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (utilization > shape[i].utilization) continue;
      if (i == 0) return shape[0].score * kPoints;
      const std::int64_t rise = (shape[i].score - shape[i - 1].score) * kPoints;
      const std::int64_t run = shape[i].utilization - shape[i - 1].utilization;
      return shape[i - 1].score * kPoints + rise * (utilization - shape[i - 1].utilization) / run;
    }
    return shape.back().score * kPoints;
  }

  Config config_;
  NodeSampling sampling_;
};

using RequestedToCapacityRatio = HighestScore<RequestedToCapacityRatioScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    requested_to_capacity_ratio, RequestedToCapacityRatio,
    "A line from how full a node becomes to its score, as kube-scheduler draws it.")
