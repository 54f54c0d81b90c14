#include "sim/pool_windows.hpp"

#include <algorithm>

namespace plimsoll {

PoolWindows::Edge PoolWindows::edge(const Pool& pool) {
  const ViewColumns columns = pool.columns();
  if (reads(columns, ViewColumns::in_flight)) return Edge::response;
  return pool.sensors().active() ? Edge::sensor_landing : Edge::caller;
}

Duration PoolWindows::length(const Pool& pool) {
  switch (edge(pool)) {
    case Edge::response:
      return pool.setup().replica.response_latency;
    case Edge::sensor_landing:
      return pool.sensors().period / pool.sensors().phase_groups;
    case Edge::caller:
      break;
  }
  return Duration{0};
}

SimTime PoolWindows::window_end(const Pool& pool, SimTime now, SimTime end) {
  if (pool.sensors().active()) {
    // Every scrape before `now` is on the board, so the next one, which is still to be taken, bounds the window.
    end = std::min(end, pool.sensors().landing_time(pool.next_scrape()));
  }
  if (reads(pool.columns(), ViewColumns::in_flight)) {
    end = std::min(end, now + pool.setup().replica.response_latency);
  }
  return end;
}

void PoolWindows::deal(const Pool& pool) {
  if (work_.size() == chunks_) return;
  const std::uint32_t rows = pool.setup().replicas();
  work_.assign(chunks_, Chunk{});
  rows_per_chunk_ = (rows + chunks_ - 1) / chunks_;
  for (std::uint32_t chunk = 0; chunk < chunks_; ++chunk) {
    work_[chunk].first_row = std::min(rows, chunk * rows_per_chunk_);
    work_[chunk].end_row = std::min(rows, (chunk + 1) * rows_per_chunk_);
  }
}

void PoolWindows::route(Pool& pool) {
  first_scrape_ = pool.next_scrape();
  const std::size_t requests_before = pool.requests();
  const bool scraped = pool.sensors().active();
  while (true) {
    const SimTime scrape = scraped ? pool.sensors().scrape_time(pool.next_scrape()) : kNever;
    const SimTime landing = scraped ? pool.sensors().landing_time(pool.next_landing()) : kNever;
    const SimTime sensor = std::min(scrape, landing);
    // Arrivals until the next sensor event: the order at equal times is that of the keys (sensor, client, replica).
    const SimTime until = std::min(sensor, to_);
    while (true) {
      const SimTime arrival = pool.arrivals().next_at();
      const SimTime response =
          next_response_ < responses_.size() ? responses_[next_response_].key.at() : kNever;
      if (std::min(arrival, response) >= until) break;
      if (response < arrival) {
        pool.response_seen(responses_[next_response_++]);
        continue;
      }
      Mail mail{};
      mail.row = pool.route_next(mail.dispatch);
      if (mail.row != Pool::kRejected) work_[mail.row / rows_per_chunk_].mail.push_back(mail);
    }
    if (sensor >= to_) break;
    if (scrape <= landing) {
      pool.scrape_sent();
    } else {
      pool.scrape_landed();
    }
  }
  end_scrape_ = pool.next_scrape();
  routed_ = pool.requests() - requests_before;
}

void PoolWindows::run_chunk(Pool& pool, std::uint32_t index) {
  if (index == chunks_) return pool.prefetch_arrivals(routed_);
  Chunk& chunk = work_[index];
  for (const Mail& mail : chunk.mail) pool.replica(mail.row).entity.send(mail.dispatch);
  chunk.mail.clear();
  for (std::uint32_t row = chunk.first_row; row < chunk.end_row; ++row) {
    run_replica(pool, row, chunk);
  }
}

void PoolWindows::run_replica(Pool& pool, std::uint32_t row, Chunk& chunk) const {
  Slot<Replica>& slot = pool.replica(row);
  for (std::int64_t k = first_scrape_; k < end_scrape_; ++k) {
    const auto groups = static_cast<std::uint32_t>(pool.sensors().phase_groups);
    if (row % groups != pool.sensors().group(k)) continue;
    const SimTime scrape = pool.sensors().scrape_time(k);
    run_before(slot, scrape, chunk);
    slot.entity.read(scrape, pool.board(k)[row]);
  }
  run_before(slot, to_, chunk);
}

/// The replica's own loop: what lands on its wire and the ends of its iterations, in key order.
void PoolWindows::run_before(Slot<Replica>& slot, SimTime to, Chunk& chunk) {
  Replica& replica = slot.entity;
  while (true) {
    const SimTime landing = replica.wire().empty() ? kNever : replica.wire().front().lands_at;
    const SimTime wake = replica.wakes_at();
    const SimTime now = std::min(landing, wake);
    if (now >= to) return;
    Context<Replica> context(now, slot, chunk.outbox);
    if (landing <= wake) {
      replica.on(RequestArrived{}, context);
    } else {
      replica.on(StepDone{replica.generation()}, context);
    }
    for (const Event& event : chunk.outbox.events()) {
      // Its wake-ups are in the replica; what it tells the gateway is not.
      if (event.target != slot.id) chunk.responses.push_back(event);
    }
    chunk.outbox.clear();
  }
}

void PoolWindows::gather_responses() {
  responses_.erase(responses_.begin(),
                   responses_.begin() + static_cast<std::ptrdiff_t>(next_response_));
  next_response_ = 0;
  const auto waiting = static_cast<std::ptrdiff_t>(responses_.size());
  for (Chunk& chunk : work_) {
    responses_.insert(responses_.end(), chunk.responses.begin(), chunk.responses.end());
    chunk.responses.clear();
  }
  const auto by_key = [](const Event& a, const Event& b) { return a.key < b.key; };
  std::sort(responses_.begin() + waiting, responses_.end(), by_key);
  std::inplace_merge(responses_.begin(), responses_.begin() + waiting, responses_.end(), by_key);
}

}  // namespace plimsoll
