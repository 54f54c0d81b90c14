// What the rules that score as kube-scheduler does share: their settings, and how many nodes are looked at.
// Source: kubernetes/kubernetes pkg/scheduler (schedule_one.go).
#pragma once

#include <cstdint>
#include <string_view>

#include "policies/highest_score.hpp"
#include "policies/kube_scores.hpp"

namespace plimsoll {

inline constexpr std::string_view kNodesToScoreDoc =
    "Nodes that fit are looked for until so many are found; 0: by the size of the cluster.";
inline constexpr std::string_view kResourcesDoc = "How much each resource counts.";
inline constexpr std::string_view kShapeDoc = "Points of the line from utilization to score.";

struct KubeScoringConfig : ScoreSettings {
  std::int32_t percentage_of_nodes_to_score = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("resources", &KubeScoringConfig::resources, kResourcesDoc);
    visit("percentage_of_nodes_to_score", &KubeScoringConfig::percentage_of_nodes_to_score,
          kNodesToScoreDoc, 0, 100);
  }
};

/// How many nodes that fit are enough: all of fewer than 100; else the percentage, by default 50 - nodes / 125 but at
/// least 5, and at least 100 nodes.
std::uint32_t nodes_to_find(std::uint32_t nodes, std::int32_t percentage);

/// Looks at nodes in the order of names, from where the search before stopped, until enough of them fit, and takes
/// the highest score, ties by name. (kube-scheduler's own order goes round zones, and it draws lots between ties.)
class NodeSampling {
 public:
  explicit NodeSampling(std::int32_t percentage) : percentage_(percentage) {}
  std::uint32_t choose(const WorkerPlaces& places);

 private:
  std::int32_t percentage_;
  std::uint32_t start_ = 0;
};

/// A scorer (highest_score.hpp) of one score.
template <auto kScore, class Settings = KubeScoringConfig>
class KubeScorer {
 public:
  using Config = Settings;

  KubeScorer(Config config, const PolicyContext&)
      : config_(std::move(config)), sampling_(config_.percentage_of_nodes_to_score) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    return kScore(node, worker, config_);
  }
  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject&) {
    return sampling_.choose(places);
  }

 private:
  Config config_;
  NodeSampling sampling_;
};

}  // namespace plimsoll
