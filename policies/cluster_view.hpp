// What an operator could observe, each row as old as it really is: the only thing that a policy sees of a cluster.
// A view is a plain value: copying it (what-if, checkpoint) is copying it. In a run the gateway owns it and applies
// what its sensors and its own counters say; in the advisor a live cluster or a recording does. Nobody subscribes:
// a policy keeps an index of its own and brings it up to date with `changes_since`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "policies/job_view.hpp"
#include "policies/node_table.hpp"
#include "policies/view_table.hpp"

namespace plimsoll {

/// The columns of a view. A policy declares those that it reads; only these are kept up to date for it.
enum class ViewColumns : std::uint8_t {
  none = 0,
  scraped_load = 1,  ///< observed_at, running, waiting, kv_used_blocks, dispatched_since_scrape
  in_flight = 2,     ///< in_flight: requests dispatched whose last token the gateway has not seen
};
constexpr ViewColumns operator|(ViewColumns a, ViewColumns b) {
  return static_cast<ViewColumns>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool reads(ViewColumns columns, ViewColumns column) {
  return (static_cast<std::uint8_t>(columns) & static_cast<std::uint8_t>(column)) != 0;
}

/// What a gateway knows of one replica.
struct ReplicaRow {
  SimTime observed_at{};             ///< when the sensor took the sample (not when it landed)
  std::uint32_t running = 0;         ///< requests in the running batch, as scraped
  std::uint32_t waiting = 0;         ///< requests queued in the engine, as scraped
  std::uint32_t kv_used_blocks = 0;  ///< KV blocks allocated, as scraped
  std::uint32_t dispatched_since_scrape = 0;  ///< the gateway's own dispatches since that sample
  std::uint32_t in_flight = 0;  ///< the gateway's own count: dispatched, last token not seen

  friend bool operator==(const ReplicaRow&, const ReplicaRow&) = default;
  /// The load that `least_request` compares: what the last scrape said plus own dispatches since.
  std::uint32_t scraped_load() const { return running + waiting + dispatched_since_scrape; }
};

/// Tables, each with its own version and log of changes. A gateway's view has replicas; a scheduler's nodes and jobs.
class ClusterView {
 public:
  ClusterView() = default;
  /// A gateway's view: one row per replica, in the order of names.
  explicit ClusterView(std::vector<std::string> replicas) : replicas_(std::move(replicas)) {}
  /// A scheduler's view of an idle cluster: one row per node, in the order of names, and no jobs yet.
  ClusterView(std::vector<std::string> nodes, std::shared_ptr<const ClusterFacts> facts);

  const std::vector<std::string>& names() const { return replicas_.names(); }
  const std::vector<ReplicaRow>& replicas() const { return replicas_.rows(); }
  const ReplicaRow& replica(std::uint32_t row) const { return replicas_.row(row); }
  std::uint32_t size() const { return replicas_.size(); }
  /// Replaces the row of a replica. Owners call it; policies hold a const view.
  void set(std::uint32_t row, const ReplicaRow& value) { replicas_.set(row, value); }
  std::uint64_t version() const { return replicas_.version(); }
  /// Changes of replicas: see ViewTable.
  template <class Visit>
  bool changes_since(std::uint64_t version, Visit&& visit) const {
    return replicas_.changes_since(version, std::forward<Visit>(visit));
  }

  /// A scheduler's tables. Owners of the view change them; policies hold a const view.
  const ViewTable<NodeRow>& nodes() const { return nodes_; }
  const ViewTable<JobView>& jobs() const { return jobs_; }
  ViewTable<NodeRow>& nodes() { return nodes_; }
  ViewTable<JobView>& jobs() { return jobs_; }
  const ClusterFacts& facts() const { return *facts_; }

 private:
  ViewTable<ReplicaRow> replicas_;
  ViewTable<NodeRow> nodes_;
  ViewTable<JobView> jobs_;
  std::shared_ptr<const ClusterFacts> facts_;  ///< the same for the view and all its copies
};

}  // namespace plimsoll
