// What the scorers of kube-scheduler share: how full a node becomes, and how many nodes are looked at.
// Source: kubernetes/kubernetes pkg/scheduler (framework/plugins/noderesources, schedule_one.go,
// util/pod_resources.go).
#pragma once

#include <array>
#include <cstdint>

#include "core/config/fields.hpp"
#include "policies/highest_score.hpp"

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

struct KubeScoringConfig {
  ResourceWeights resources;
  std::int32_t percentage_of_nodes_to_score = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("resources", &KubeScoringConfig::resources, "How much each resource counts.");
    visit("percentage_of_nodes_to_score", &KubeScoringConfig::percentage_of_nodes_to_score,
          "Nodes that fit are looked for until so many are found; 0: by the size of the cluster.",
          0, 100);
  }
};

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

/// CPU, memory, GPUs.
std::array<ResourceUse, 3> resource_uses(const NodeState& node, const ResourceRequest& worker,
                                         const ResourceWeights& weights, MissingRequests missing);

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

}  // namespace plimsoll
