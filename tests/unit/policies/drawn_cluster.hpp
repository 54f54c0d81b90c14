// Clusters drawn as text, the jobs asked of them, and random ones.
#pragma once

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/random_stream.hpp"
#include "policies/cluster_view.hpp"
#include "policies/node_share.hpp"
#include "policies/registry.hpp"

namespace plimsoll::test {

inline constexpr std::int64_t kCpuPerGpu = 8000;
inline constexpr std::int64_t kGiB = std::int64_t{1} << 30;

inline NodeFacts node_with(std::int32_t gpus, std::int32_t kind = 0) {
  NodeFacts facts;
  facts.gpus = gpus;
  facts.gpu_kind = gpus > 0 ? kind : -1;
  facts.cpu_milli = kCpuPerGpu * std::max(gpus, 1);
  facts.memory = Bytes{64 * kGiB * std::max(gpus, 1)};
  return facts;
}

/// One node per line: a name, then a character per GPU. '.': idle; a digit: so many tenths of it are taken; a letter:
/// held by the worker of that letter, which takes 1000 mCPU and 1 GiB per GPU. Each GPU comes with 8000 mCPU and 64
/// GiB.
inline ClusterView cluster(const std::string& drawing) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu", "other_gpu"};
  std::vector<std::string> names;
  std::vector<std::vector<NodeShare>> taken;
  std::istringstream lines(drawing);
  for (std::string name, gpus; lines >> name >> gpus;) {
    std::map<char, NodeShare> workers;
    for (std::size_t gpu = 0; gpu < gpus.size(); ++gpu) {
      if (gpus[gpu] == '.') continue;
      const bool share = gpus[gpu] >= '0' && gpus[gpu] <= '9';
      // Shares are workers of their own: keyed by their GPU's number, which is no letter.
      NodeShare& worker = workers[share ? static_cast<char>(gpu) : gpus[gpu]];
      worker.node = static_cast<std::uint32_t>(names.size());
      worker.devices = static_cast<std::uint16_t>(worker.devices | 1U << gpu);
      worker.gpu_milli = share ? (gpus[gpu] - '0') * 100 : kWholeGpu;
      worker.cpu_milli += 1000;
      worker.memory += Bytes{kGiB};
    }
    for (const auto& [key, worker] : workers) taken.emplace_back().push_back(worker);
    facts->nodes.push_back(node_with(static_cast<std::int32_t>(gpus.size())));
    names.push_back(name);
  }
  ClusterView view(std::move(names), std::move(facts));
  for (const auto& shares : taken) {
    for (const NodeShare& share : shares) {
      view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
    }
  }
  return view;
}

/// A job of workers that each take so many GPUs, 1000 mCPU and 1 GiB.
inline JobView gang(std::int32_t workers, std::int32_t gpus, std::int32_t gpu_milli = kWholeGpu) {
  JobView job;
  job.gang = {{workers, {1000, Bytes{kGiB}, gpus, gpu_milli}}};
  return job;
}

/// "n2", "n0:2 n2" (two workers on n0), or "" where it is not placed.
inline std::string nodes(const ClusterView& view, const Placement& placement) {
  std::string text;
  for (const NodeShare& share : placement.shares) {
    text += (text.empty() ? "" : " ") + view.nodes().names()[share.node];
    if (share.workers > 1) text += ":" + std::to_string(share.workers);
  }
  return text;
}

inline const PolicyRegistry& policies() {
  static const PolicyRegistry registry = builtin_policies();
  return registry;
}

inline std::unique_ptr<PlacementRule> rule(const std::string& name,
                                           const ConfigNode& settings = ConfigNode::map()) {
  return policies().scheduling(name)->make_rule({7, "test/scheduler", &policies()}, settings);
}

/// All registered placement rules.
inline std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const std::string& name : policies().scheduling_names()) {
    if (policies().scheduling(name)->create_rule) names.push_back(name);
  }
  return names;
}

/// Draws one after the other.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed, "test/dice", "throw") {}
  std::int32_t upto(std::int32_t most) {
    return static_cast<std::int32_t>(
        below(static_cast<std::uint32_t>(most + 1), stream_.bits(next_++)));
  }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[upto(static_cast<std::int32_t>(values.size()) - 1)];
  }

 private:
  RandomStream stream_;
  std::uint64_t next_ = 0;
};

/// Idle nodes of all sizes, of two kinds, in racks of four.
inline ClusterView random_cluster(Dice& dice, std::uint32_t nodes) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu", "other_gpu"};
  facts->levels = {"rack"};
  std::vector<std::string> names;
  for (std::uint32_t row = 0; row < nodes; ++row) {
    NodeFacts node = node_with(dice.one_of({0, 1, 2, 4, 8}), dice.upto(1));
    node.domain[0] = row / 4;
    facts->nodes.push_back(node);
    names.push_back("n" + std::to_string(1000 + row));
  }
  return {std::move(names), std::move(facts)};
}

inline ResourceRequest random_worker(Dice& dice) {
  ResourceRequest worker;
  worker.cpu_milli = 500 * dice.upto(16);
  worker.memory = Bytes{kGiB * dice.upto(40)};
  worker.gpus = dice.one_of({0, 1, 1, 1, 2, 4, 8});
  if (worker.gpus == 1 && dice.upto(2) > 0) worker.gpu_milli = 50 * (1 + dice.upto(18));
  worker.gpu_kinds = dice.one_of({kAnyGpuKind, kAnyGpuKind, GpuKinds{1}, GpuKinds{2}});
  return worker;
}

}  // namespace plimsoll::test
