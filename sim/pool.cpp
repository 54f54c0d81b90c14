#include "sim/pool.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"

namespace plimsoll {

Pool::Pool(std::shared_ptr<const PoolSetup> setup, std::unique_ptr<RoutingPolicy> policy,
           ArrivalCursor arrivals)
    : setup_(std::move(setup)),
      gateway_{Gateway(setup_->gateway, std::move(policy)), setup_->gateway_id()},
      arrivals_(std::move(arrivals)) {
  replicas_.reserve(setup_->replicas());
  for (std::uint32_t row = 0; row < setup_->replicas(); ++row) {
    replicas_.push_back({Replica(setup_->replica, row), setup_->replica_id(row)});
  }
  if (sensors().active()) {
    board_.assign(static_cast<std::size_t>(sensors().in_transit()),
                  std::vector<ReplicaReading>(replicas_.size()));
  }
}

// ---- A world of the kernel ------------------------------------------------------------------------------------------

OrderKey Pool::next_external() const {
  const SimTime arrival = arrivals_.next_at();
  OrderKey key = arrival == kNever ? kNoKey
                                   : order_key(arrival, EventClass::message, setup_->clients_id(),
                                               requests_.size());
  if (!sensors().active()) return key;
  // At one instant a scrape leaves before another lands; they do not touch the same numbers.
  const OrderKey scrape =
      order_key(sensors().scrape_time(next_scrape_), EventClass::sensor, setup_->clients_id(), 0);
  const OrderKey landing =
      order_key(sensors().landing_time(next_landing_), EventClass::sensor, setup_->clients_id(), 1);
  return std::min({key, scrape, landing});
}

void Pool::external(Outbox& outbox) {
  const OrderKey key = next_external();
  if (key.event_class() == EventClass::sensor) {
    if (sensors().scrape_time(next_scrape_) == key.at()) {
      scrape_now();
    } else {
      scrape_landed();
    }
    return;
  }
  Dispatch dispatch;
  const std::uint32_t row = route_next(dispatch);
  if (row == kRejected) return;
  replicas_[row].entity.send(dispatch);
  outbox.add(
      {.key = order_key(dispatch.lands_at, EventClass::message, gateway_.id, dispatch.request),
       .target = replicas_[row].id,
       .kind = kind_of<RequestArrived, Replica::Events>()});
}

void Pool::handle(const Event& event, Outbox& outbox) {
  if (event.target == gateway_.id) {
    deliver_to_gateway(event);
  } else {
    deliver(replicas_[event.target - setup_->replica_id(0)], event, outbox);
  }
}

void Pool::deliver_to_gateway(const Event& event) {
  if (event.kind == kind_of<ResponseSeen, Gateway::Events>()) {
    gateway_.entity.response_seen(event.key.at(), unpack<ResponseSeen>(event.payload).row);
  } else {
    const std::uint32_t row = unpack<RowChanged>(event.payload).row;
    const SimTime now = event.key.at();
    gateway_.entity.row_changed(now, row, replicas_[row].entity.read(now));
  }
}

// ---- Sensors and routing --------------------------------------------------------------------------------------------

std::vector<ReplicaReading>& Pool::board(std::int64_t k) {
  return board_[static_cast<std::size_t>(k) % board_.size()];
}

void Pool::scrape_now() {
  const SimTime now = sensors().scrape_time(next_scrape_);
  std::vector<ReplicaReading>& readings = board(next_scrape_);
  const auto groups = static_cast<std::uint32_t>(sensors().phase_groups);
  for (std::uint32_t row = sensors().group(next_scrape_); row < replicas_.size(); row += groups) {
    readings[row] = replicas_[row].entity.read(now);
  }
  scrape_sent();
}

void Pool::scrape_landed() {
  gateway_.entity.scrape_landed(next_landing_, board(next_landing_));
  ++next_landing_;
}

std::uint32_t Pool::route_next(Dispatch& dispatch) {
  const Arrival arrival = arrivals_.peek();
  arrivals_.advance();
  const auto request = static_cast<std::uint32_t>(requests_.size());
  const std::int32_t room = setup_->gateway.max_model_len - arrival.prompt_tokens;
  RequestFact fact;
  fact.arrival_ns = to_ns(arrival.at);
  fact.prompt_tokens = arrival.prompt_tokens;
  fact.output_tokens = std::min(arrival.output_tokens, std::max(room, 0));
  fact.replica = kRejected;
  if (room <= 0) {
    fact.status = RequestStatus::rejected;
    ++rejected_;
  } else {
    fact.replica = gateway_.entity.route({request, arrival.at, arrival.prompt_tokens});
    dispatch = {arrival.at + setup_->gateway.dispatch_latency, request, fact.prompt_tokens,
                fact.output_tokens};
  }
  requests_.push_back(fact);
  return fact.replica;
}

void Pool::each_pending(std::vector<Event>& events) {
  for (Slot<Replica>& slot : replicas_) {
    for (const Dispatch& dispatch : slot.entity.wire()) {
      events.push_back(
          {.key = order_key(dispatch.lands_at, EventClass::message, gateway_.id, dispatch.request),
           .target = slot.id,
           .kind = kind_of<RequestArrived, Replica::Events>()});
    }
    const SimTime wake = slot.entity.wakes_at();
    if (wake == kNever) continue;
    events.push_back({.key = order_key(wake, EventClass::completion, slot.id, slot.sequence++),
                      .target = slot.id,
                      .kind = kind_of<StepDone, Replica::Events>(),
                      .payload = pack(StepDone{slot.entity.generation()})});
  }
}

// ---- What happened --------------------------------------------------------------------------------------------------

bool Pool::idle() const {
  return arrivals_.next_at() == kNever &&
         std::all_of(replicas_.begin(), replicas_.end(), [](const Slot<Replica>& slot) {
           return slot.entity.wakes_at() == kNever && slot.entity.wire().empty();
         });
}

std::uint64_t Pool::iterations() const {
  std::uint64_t count = 0;
  for (const Slot<Replica>& slot : replicas_) count += slot.entity.fact().iterations;
  return count;
}

PoolSample Pool::sample(SimTime now) const {
  PoolSample sample;
  sample.time_ns = to_ns(now);
  sample.arrived = requests_.size();
  sample.rejected = rejected_;
  for (const Slot<Replica>& slot : replicas_) {
    const Replica& replica = slot.entity;
    const ReplicaReading reading = replica.read(now);
    const ReplicaTotals totals = replica.totals(now);
    sample.completed += replica.completed();
    sample.in_flight += replica.wire().size();
    sample.queued += reading.waiting;
    sample.running += reading.running;
    sample.preempted += replica.fact().preemptions;
    sample.output_tokens += totals.output_tokens;
    sample.kv_used_blocks += reading.kv_used_blocks;
    sample.busy_ns += totals.busy_ns;
  }
  const std::uint64_t found =
      sample.completed + sample.rejected + sample.in_flight + sample.queued + sample.running;
  PLIMSOLL_ASSERT(sample.arrived == found,
                  "pool {} at {} ns: {} arrived, but {} completed, {} rejected, {} on the wire, {} "
                  "queued, {} running",
                  setup_->constants.name, to_ns(now), sample.arrived, sample.completed,
                  sample.rejected, sample.in_flight, sample.queued, sample.running);
  return sample;
}

void Pool::collect_facts() {
  for (Slot<Replica>& slot : replicas_) {
    for (const FinishedRequest& finished : slot.entity.finished()) {
      RequestFact& fact = requests_[finished.request];
      fact.first_token_ns = finished.first_token_ns;
      fact.finish_ns = finished.finish_ns;
      fact.preemptions = finished.preemptions;
      fact.status = RequestStatus::completed;
      last_finish_ns_ = std::max(last_finish_ns_, finished.finish_ns);
    }
    slot.entity.finished().clear();
    const std::vector<ItlRun>& runs = slot.entity.itl_runs();
    itl_runs_.insert(itl_runs_.end(), runs.begin(), runs.end());
    slot.entity.itl_runs().clear();
  }
}

PoolFacts Pool::take_facts(SimTime end) {
  for (Slot<Replica>& slot : replicas_) {
    slot.entity.close(end);
    slot.entity.each_unfinished([&](const QueuedRequest& request, RequestStatus status) {
      RequestFact& fact = requests_[request.request];
      fact.first_token_ns = request.first_token_ns;
      fact.preemptions = request.preemptions;
      fact.status = status;
    });
  }
  collect_facts();
  PoolFacts facts = setup_->constants;
  facts.decisions_hash = gateway_.entity.decisions_hash();
  facts.view_changes_hash = gateway_.entity.view_changes_hash();
  facts.requests = std::move(requests_);
  facts.itl_runs = std::move(itl_runs_);
  for (const Slot<Replica>& slot : replicas_) facts.replica_facts.push_back(slot.entity.fact());
  return facts;
}

}  // namespace plimsoll
