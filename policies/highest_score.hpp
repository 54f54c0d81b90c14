// A placement rule that scores nodes: each worker of a gang in turn goes to the node with the highest score that can
// take it, ties by name; a gang is placed whole or not at all.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "policies/node_share.hpp"
#include "policies/registry.hpp"
#include "policies/topology_domains.hpp"
#include "policies/worker_classes.hpp"

namespace plimsoll {

namespace detail {

/// The settings of a scorer are those of the rule made of it.
template <class Scorer>
struct SettingsOfScorer {};
template <class Scorer>
  requires requires { typename Scorer::Config; }
struct SettingsOfScorer<Scorer> {
  using Config = typename Scorer::Config;
};

}  // namespace detail

/// A worker that is to be placed: the subject of random draws.
struct WorkerSubject {
  std::uint32_t job = 0;
  std::int32_t start = 0;   ///< how often the job has started before
  std::int32_t worker = 0;  ///< of its gang
};

/// A scorer is a copyable class, constructed like a policy from (Config, context) or (context). It has
///   int32 score(NodeState, ResourceRequest)      from 0; only asked of nodes that can take the worker
/// and may have
///   uint16 devices(NodeState, ResourceRequest, WorkerSubject)   which GPUs; else the tightest that fit, the first idle
///   uint32 choose(WorkerPlaces, WorkerSubject)   which node of those that fit; else the highest score
///   bool prepare(ClusterView)                    before each job; true if all scores are new
///   void changed(NodeState)                      the node has changed
template <class Scorer>
class HighestScore final : public PlacementRule, public detail::SettingsOfScorer<Scorer> {
 public:
  template <class... Settings>
    requires std::constructible_from<Scorer, Settings...>
  explicit HighestScore(Settings&&... settings) : scorer_(std::forward<Settings>(settings)...) {}

  Placement place(const ClusterView& view, const JobView& job) override {
    if constexpr (requires { scorer_.prepare(view); }) {
      if (scorer_.prepare(view)) classes_ = {};
    }
    classes_.follow(view, [&](std::uint32_t row) { note_change(view, row); });
    if (job.required_level >= 0) return place_in_domain(view, job, job.required_level);
    if (job.preferred_level >= 0) {
      Placement placement = place_in_domain(view, job, job.preferred_level);
      if (placement.placed()) return placement;
    }
    return try_gang(view, job, kEverywhere);
  }

  std::unique_ptr<PlacementRule> clone() const override {
    return std::make_unique<HighestScore>(*this);
  }

 private:
  Placement place_in_domain(const ClusterView& view, const JobView& job, std::int8_t level) {
    Placement elsewhere = try_gang(view, job, kEverywhere);
    if (!elsewhere.placed()) return elsewhere;  // not for want of a domain
    const std::size_t at_level = static_cast<std::uint8_t>(level);
    for (const std::uint32_t domain : domains_with_room(view, job, at_level)) {
      Placement placement = try_gang(view, job, {at_level, domain});
      if (placement.placed()) return placement;
    }
    return Placement::not_now(Reason::topology, static_cast<std::uint32_t>(level));
  }

  /// Places the gang on the copy of the nodes, and takes it off again.
  Placement try_gang(const ClusterView& view, const JobView& job, const DomainOf& within) {
    Placement placement;
    WorkerSubject subject{job.id, job.starts, 0};
    for (const SubGang& part : job.gang) {
      place_part(view, job, part, within, placement, subject);
      if (!placement.placed()) break;
    }
    for (const std::uint32_t node : tried_) {
      classes_.nodes().set(node, view.nodes().row(node));
      note_change(view, node);
    }
    tried_.clear();
    if (!placement.placed()) placement.shares.clear();
    return placement;
  }

  void place_part(const ClusterView& view, const JobView& job, const SubGang& part,
                  const DomainOf& within, Placement& placement, WorkerSubject& subject) {
    const std::int32_t least = job.elastic() ? job.min_workers : part.workers;
    const std::int32_t most = job.elastic() ? job.max_workers : part.workers;
    const bool alone = most == 1 && job.gang.size() == 1;
    const std::size_t first_share = placement.shares.size();
    WorkerPlaces& places = classes_.places(part.each, view.facts());
    for (std::int32_t placed = 0; placed < most; ++placed, ++subject.worker) {
      follow(places, view);
      const std::uint32_t node = choose(places, view, within, subject);
      if (node == kNowhere) {
        if (placed >= least) return;
        placement.why_not = places.why_not(classes_.nodes(), view.facts(), least - placed, least);
        return;
      }
      const NodeShare share = share_of(view, node, part.each, subject);
      if (!alone) take_for_trial(view, node, share);
      join(placement.shares, first_share, share);
    }
  }

  void follow(WorkerPlaces& places, const ClusterView& view) {
    places.follow(classes_.nodes(), view.facts(),
                  [&](const NodeState& node) { return scorer_.score(node, places.worker()); });
  }

  std::uint32_t choose(const WorkerPlaces& places, const ClusterView& view, const DomainOf& within,
                       const WorkerSubject& subject) {
    if (!places.fits_somewhere()) return kNowhere;
    if (within.level != kEverywhere.level) return best_in_domain(places, view.facts(), within);
    if constexpr (requires { scorer_.choose(places, subject); }) {
      return scorer_.choose(places, subject);
    } else {
      return places.best();
    }
  }

  NodeShare share_of(const ClusterView& view, std::uint32_t node, const ResourceRequest& worker,
                     const WorkerSubject& subject) {
    const NodeState state{view.facts().nodes[node], classes_.nodes().row(node), node};
    if (worker.gpus == 0) return worker_share(state, worker, 0);
    if constexpr (requires { scorer_.devices(state, worker, subject); }) {
      return worker_share(state, worker, scorer_.devices(state, worker, subject));
    } else {
      return worker_share(state, worker, tightest_gpus(state, worker));
    }
  }

  void take_for_trial(const ClusterView& view, std::uint32_t node, const NodeShare& share) {
    classes_.nodes().update(node, [&](NodeRow& row) { take(row, share); });
    note_change(view, node);
    tried_.push_back(node);
  }

  void note_change(const ClusterView& view, std::uint32_t row) {
    if constexpr (requires(const NodeState& node) { scorer_.changed(node); }) {
      scorer_.changed({view.facts().nodes[row], classes_.nodes().row(row), row});
    }
  }

  Scorer scorer_;
  WorkerClasses classes_;
  std::vector<std::uint32_t> tried_;  ///< nodes of the copy that hold workers of a trial
};

}  // namespace plimsoll
