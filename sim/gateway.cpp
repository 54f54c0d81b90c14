#include "sim/gateway.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "sim/fact_hash.hpp"

namespace plimsoll {

Gateway::Gateway(const GatewaySetup& setup, std::unique_ptr<RoutingPolicy> policy)
    : setup_(&setup),
      policy_(std::move(policy)),
      columns_(policy_->columns()),
      view_(setup.replicas),
      dispatched_(setup.replicas.size(), 0),
      decoding_(setup.decode_replicas, 0) {
  if (setup.recording) write_begin(recording_, *setup.recording);
  if (setup.sensors.active()) {
    at_scrapes_.assign(static_cast<std::size_t>(setup.sensors.in_transit()), dispatched_);
  }
}

Gateway::Gateway(const Gateway& other)
    : setup_(other.setup_),
      policy_(other.policy_->clone()),
      columns_(other.columns_),
      view_(other.view_),
      dispatched_(other.dispatched_),
      at_scrapes_(other.at_scrapes_),
      decoding_(other.decoding_),
      decisions_hash_(other.decisions_hash_),
      view_changes_hash_(other.view_changes_hash_),
      recording_(other.recording_) {}

std::uint32_t Gateway::route(const RequestView& request) {
  const std::uint32_t row = policy_->route(view_, request).replica;
  PLIMSOLL_ASSERT(row < view_.size(), "the policy of pool {} named row {} of {}", setup_->pool, row,
                  view_.size());
  decisions_hash_ = fact_hash(fact_hash(decisions_hash_, request.id), row);
  if (setup_->recording) {
    write_decision(recording_, setup_->pool, request, view_.names()[row]);
  }
  ++dispatched_[row];
  if (columns_ != ViewColumns::none) {
    ReplicaRow value = view_.replica(row);
    if (reads(columns_, ViewColumns::scraped_load)) ++value.dispatched_since_scrape;
    if (reads(columns_, ViewColumns::in_flight)) ++value.in_flight;
    set(request.arrived_at, row, value);
  }
  return row;
}

std::uint32_t Gateway::route_to_decode(std::uint32_t request) {
  const auto least = setup_->decode_in_turn ? decoding_.begin() + request % setup_->decode_replicas
                                            : std::min_element(decoding_.begin(), decoding_.end());
  ++*least;
  return static_cast<std::uint32_t>(least - decoding_.begin());
}

std::vector<std::uint64_t>& Gateway::dispatched_at(std::int64_t k) {
  return at_scrapes_[static_cast<std::size_t>(k) % at_scrapes_.size()];
}

void Gateway::scrape_sent(std::int64_t k) { dispatched_at(k) = dispatched_; }

void Gateway::scrape_landed(std::int64_t k, const std::vector<ReplicaReading>& readings) {
  const SensorGrid& grid = setup_->sensors;
  const std::vector<std::uint64_t>& dispatched_then = dispatched_at(k);
  const auto groups = static_cast<std::uint32_t>(grid.phase_groups);
  for (std::uint32_t row = grid.group(k); row < view_.size(); row += groups) {
    const ReplicaReading& reading = readings[row];
    ReplicaRow value = view_.replica(row);
    value.observed_at = grid.scrape_time(k);
    value.running = reading.running;
    value.waiting = reading.waiting;
    value.kv_used_blocks = reading.kv_used_blocks;
    value.dispatched_since_scrape =
        static_cast<std::uint32_t>(dispatched_[row] - dispatched_then[row]);
    set(grid.landing_time(k), row, value);
  }
}

void Gateway::response_seen(SimTime now, std::uint32_t row) {
  if (!reads(columns_, ViewColumns::in_flight)) return;
  ReplicaRow value = view_.replica(row);
  PLIMSOLL_ASSERT(value.in_flight > 0, "a response of row {} that was never dispatched", row);
  --value.in_flight;
  set(now, row, value);
}

void Gateway::row_changed(SimTime now, std::uint32_t row, const ReplicaReading& reading) {
  ReplicaRow value = view_.replica(row);
  value.observed_at = now;
  value.running = reading.running;
  value.waiting = reading.waiting;
  value.kv_used_blocks = reading.kv_used_blocks;
  value.dispatched_since_scrape = 0;
  set(now, row, value);
}

void Gateway::set(SimTime now, std::uint32_t row, const ReplicaRow& value) {
  view_.set(row, value);
  const std::uint64_t load = (std::uint64_t{value.running} << 32) | value.waiting;
  const std::uint64_t own = (std::uint64_t{value.dispatched_since_scrape} << 32) | value.in_flight;
  const std::uint64_t place = (std::uint64_t{row} << 32) | value.kv_used_blocks;
  view_changes_hash_ =
      fact_hash(fact_hash(view_changes_hash_, static_cast<std::uint64_t>(to_ns(now))), place);
  view_changes_hash_ = fact_hash(fact_hash(view_changes_hash_, load), own);
  if (setup_->recording) {
    write_change(recording_, setup_->pool, now, view_.names()[row], value);
  }
}

std::string Gateway::take_recording() { return std::exchange(recording_, {}); }

}  // namespace plimsoll
