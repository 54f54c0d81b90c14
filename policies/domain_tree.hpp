// The domains of a cluster's topology with what they have idle, kept up to date node by node: which of them has room
// for so many workers is told without looking at their nodes.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/node_fit.hpp"

namespace plimsoll {

/// Copyable: a copy follows copies of the view. Nodes can be changed on trial, and all trials taken back.
class DomainTree {
 public:
  void follow(const ClusterView& view);

  /// Levels with domains, and one more: the whole cluster, as domain 0.
  std::size_t levels() const { return domains_.size(); }
  std::uint32_t domains(std::size_t level) const {
    return static_cast<std::uint32_t>(domains_[level].size());
  }
  /// Domains of the level below, or nodes below level 0.
  const std::vector<std::uint32_t>& children(std::size_t level, std::uint32_t domain) const {
    return domains_[level][domain].children;
  }
  /// Workers with so many whole GPUs (at least one) each that the domain has room for, by its idle GPUs alone.
  std::int64_t room(std::size_t level, std::uint32_t domain, std::int32_t gpus) const;
  std::int64_t idle_gpus(std::size_t level, std::uint32_t domain) const;
  const NodeRow& node(std::uint32_t row) const { return nodes_[row]; }
  /// Domains of a level by their idle GPUs, the fewest first, then by number.
  using ByIdle = std::set<std::pair<std::int64_t, std::uint32_t>>;
  const ByIdle& by_idle(std::size_t level) const { return by_idle_[level]; }

  void take_on_trial(std::uint32_t row, const NodeShare& share);
  void take_back_trials(const ClusterView& view);

 private:
  struct Domain {
    std::int64_t idle = 0;                                       ///< GPUs
    std::array<std::int32_t, kMaxGpusPerNode + 1> nodes_with{};  ///< by idle GPUs
    std::vector<std::uint32_t> children;
  };
  void build(const ClusterView& view);
  void set(std::uint32_t row, const NodeRow& value);
  void count(std::uint32_t row, std::int32_t by);
  void index();
  std::uint32_t domain_of(std::size_t level, std::uint32_t row) const;

  std::vector<NodeRow> nodes_;
  std::vector<NodeFacts> facts_;
  std::vector<std::vector<Domain>> domains_;  ///< by level
  std::vector<ByIdle> by_idle_;               ///< by level
  std::vector<std::uint32_t> tried_;
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
