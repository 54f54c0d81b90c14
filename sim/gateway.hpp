// The front door of a pool: it has each request first, sees the replicas through sensors and its own counters, and
// asks the routing policy where to send it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/recording.hpp"
#include "policies/routing_policy.hpp"
#include "sim/replica.hpp"
#include "sim/sensor_grid.hpp"

namespace plimsoll {

/// The constants of a gateway.
struct GatewaySetup {
  std::string pool;                   ///< its name, for recordings
  std::vector<std::string> replicas;  ///< names, in order, of those that the policy chooses from
  std::uint32_t decode_replicas = 0;  ///< that follow them in the pool
  bool decode_in_turn = false;        ///< request i is decoded by the (i mod n)-th of them
  Duration dispatch_latency{1};       ///< gateway to replica, >= 1 ns
  std::int32_t max_model_len = 0;     ///< longer prompts are rejected, longer answers cut
  SensorGrid sensors;
  bool fresh_sensors = false;  ///< rows change with the fact
  std::optional<RecordingBegin>
      recording;  ///< keep a recording that begins so (policies/recording.hpp)
};

class Gateway {
 public:
  using Events = EventList<ResponseSeen, RowChanged, PrefillDone>;

  Gateway(const GatewaySetup& setup, std::unique_ptr<RoutingPolicy> policy);
  Gateway(const Gateway& other);
  Gateway(Gateway&&) = default;
  Gateway& operator=(Gateway&&) = default;
  Gateway& operator=(const Gateway& other) { return *this = Gateway(other); }
  ~Gateway() = default;

  /// Where a prefilled request is decoded: on the replica with the fewest requests by own count, the first of them.
  std::uint32_t route_to_decode(std::uint32_t request);
  void decode_response_seen(std::uint32_t decode_row) { --decoding_[decode_row]; }
  /// The policy's decision, counted and recorded; it takes effect at the replica after the dispatch latency.
  std::uint32_t route(const RequestView& request);

  /// Scrape k leaves: own dispatches from now on are "since that scrape".
  void scrape_sent(std::int64_t k);
  /// What scrape k read of its group's rows has arrived. `readings` is indexed by row.
  void scrape_landed(std::int64_t k, const std::vector<ReplicaReading>& readings);
  void response_seen(SimTime now, std::uint32_t row);
  void row_changed(SimTime now, std::uint32_t row, const ReplicaReading& reading);

  ViewColumns columns() const { return columns_; }
  std::uint64_t decisions_hash() const { return decisions_hash_; }
  std::uint64_t view_changes_hash() const { return view_changes_hash_; }
  /// The recording since the last call.
  std::string take_recording();

 private:
  void set(SimTime now, std::uint32_t row, const ReplicaRow& value);
  std::vector<std::uint64_t>& dispatched_at(std::int64_t k);

  const GatewaySetup* setup_;  ///< the pool's; outlives the gateway (see Pool)
  std::unique_ptr<RoutingPolicy> policy_;
  ViewColumns columns_;
  ClusterView view_;
  std::vector<std::uint64_t> dispatched_;  ///< [row]: own dispatches so far
  std::vector<std::vector<std::uint64_t>>
      at_scrapes_;                       ///< a ring over scrapes: [row]: `dispatched_` then
  std::vector<std::uint32_t> decoding_;  ///< [decode row]: sent there, last token not seen
  std::uint64_t decisions_hash_ = 0;
  std::uint64_t view_changes_hash_ = 0;
  std::string recording_;
};

}  // namespace plimsoll
