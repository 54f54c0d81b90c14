// What an operator could observe, each row as old as it really is: the only thing that a policy sees of a cluster.
// A view is a plain value: copying it (what-if, checkpoint) is copying it. In a run the gateway owns it and applies
// what its sensors and its own counters say; in the advisor a live cluster or a recording does. Nobody subscribes:
// a policy keeps an index of its own and brings it up to date with `changes_since`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"

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

/// The rows of a pool's replicas, a version, and a bounded log of which rows changed.
class ClusterView {
 public:
  ClusterView() = default;
  /// One row per name; rows are in the order of names, so that "ties break by name" is "the lowest row wins".
  explicit ClusterView(std::vector<std::string> names);

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<ReplicaRow>& replicas() const { return rows_; }
  const ReplicaRow& replica(std::uint32_t row) const { return rows_[row]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }

  /// Replaces one row. Owners call it; policies hold a const view.
  void set(std::uint32_t row, const ReplicaRow& value) {
    rows_[row] = value;
    log_[version_++ & log_mask_] = row;
  }

  /// The number of changes so far.
  std::uint64_t version() const { return version_; }

  /// Calls `visit(row)` for each change after `version`, oldest first (a row may come twice), and returns true; or
  /// returns false when the log no longer reaches back that far: then every row may have changed.
  template <class Visit>
  bool changes_since(std::uint64_t version, Visit&& visit) const {
    if (version_ - version > log_.size()) return false;
    for (; version != version_; ++version) visit(log_[version & log_mask_]);
    return true;
  }

 private:
  std::vector<std::string> names_;
  std::vector<ReplicaRow> rows_;
  std::vector<std::uint32_t> log_;  ///< a ring; its size is a power of two
  std::uint64_t log_mask_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace plimsoll
