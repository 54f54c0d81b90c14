// A profile of kube-scheduler: the node with the highest weighted sum of scores. Its plugins of resources score from 0
// to 100 as they are; those of taints, affinity, topology spread and images have nothing to tell nodes apart by here.
#include "policies/kube_scoring.hpp"

namespace {

using namespace plimsoll;

struct WeightedScore : ScoreSettings {
  KubeScore name;
  std::int32_t weight = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &WeightedScore::name, "Which score.", required);
    visit("weight", &WeightedScore::weight, "How much it counts.", 1, 100);
    visit("resources", &WeightedScore::resources, kResourcesDoc);
    visit("shape", &WeightedScore::shape, kShapeDoc);
  }
};

class WeightedScores {
 public:
  struct Config {
    std::vector<WeightedScore> scores{of("least_allocated"), of("balanced_allocation")};
    std::int32_t percentage_of_nodes_to_score = 0;

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("scores", &Config::scores, "What is summed up, each with its weight and settings.");
      visit("percentage_of_nodes_to_score", &Config::percentage_of_nodes_to_score, kNodesToScoreDoc,
            0, 100);
    }
  };

  WeightedScores(Config config, const PolicyContext&)
      : config_(std::move(config)), sampling_(config_.percentage_of_nodes_to_score) {}

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    std::int32_t sum = 0;
    for (const WeightedScore& part : config_.scores) {
      sum += part.weight * part.name.of(node, worker, part);
    }
    return sum;
  }
  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject&) {
    return sampling_.choose(places);
  }

 private:
  static WeightedScore of(std::string_view name) {
    WeightedScore score;
    score.name = *std::ranges::find(kube_scores(), name, &KubeScore::name);
    return score;
  }

  Config config_;
  NodeSampling sampling_;
};

using KubeScheduler = HighestScore<WeightedScores>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(kube_scheduler, KubeScheduler,
                           "The node with the highest weighted sum of scores: kube-scheduler's "
                           "profile, by default its own.")
