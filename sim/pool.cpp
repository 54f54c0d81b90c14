#include "sim/pool.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "core/assert.hpp"
#include "sim/met_load.hpp"

namespace plimsoll {
namespace {

/// The gateway numbers what it sends by request; a request's second dispatch, to a decode replica, counts from here.
constexpr std::uint64_t kHandOverSequence = std::uint64_t{1} << 35;

/// Where the run left what was measured, a line each, below what was known of the pool before.
void add_left_ranges(const PoolSetup& setup, std::int64_t end_ns, PoolFacts& facts) {
  const std::size_t front = setup.replicas();
  std::string known = "\n" + facts.extrapolations + "\n";
  const auto add = [&](const ReplicaSetup& replica, std::size_t first, std::size_t count,
                       ServedPart part) {
    const ServedLoad load{std::span(facts.replica_facts).subspan(first, count), facts.requests,
                          mean_in_flight(facts.requests, part, count, end_ns), replica.ranks == 1};
    for (const std::string& sentence : left_ranges(replica.measured, load)) {
      if (known.find("\n" + sentence + "\n") != std::string::npos) continue;
      known += sentence + "\n";
      facts.extrapolations += (facts.extrapolations.empty() ? "" : "\n") + sentence;
    }
  };
  add(setup.replica, 0, front, setup.decode ? ServedPart::until_first_token : ServedPart::whole);
  if (setup.decode)
    add(setup.decode->replica, front, setup.decode->replicas, ServedPart::from_first_token);
}

}  // namespace

Pool::Pool(std::shared_ptr<const PoolSetup> setup, std::unique_ptr<RoutingPolicy> policy,
           ArrivalCursor arrivals)
    : setup_(std::move(setup)),
      gateway_{Gateway(setup_->gateway, std::move(policy)), setup_->gateway_id()},
      arrivals_(std::move(arrivals)) {
  replicas_.reserve(setup_->all_replicas());
  for (std::uint32_t row = 0; row < setup_->all_replicas(); ++row) {
    const bool chosen = row < setup_->replicas();
    const ReplicaSetup& replica = chosen ? setup_->replica : setup_->decode->replica;
    replicas_.push_back({Replica(replica, row), setup_->replica_id(row)});
  }
  if (setup_->decode) transfers_ = {KvTransfers(setup_->decode->transfers), setup_->transfers_id()};
  if (sensors().active()) {
    board_.assign(static_cast<std::size_t>(sensors().in_transit()),
                  std::vector<ReplicaReading>(setup_->replicas()));
  }
}

void PoolSetup::join_roles() {
  if (!decode) return;
  replica.role = ReplicaRole::prefill;
  decode->replica.role = ReplicaRole::decode;
  decode->replica.gateway = gateway_id();
  decode->replica.response_latency = replica.response_latency;
  decode->replica.reports_responses = true;
  decode->replica.transfers = transfers_id();
  decode->replica.ask_latency = KvTransfers::ask_latency(decode->transfers.link);
  decode->transfers.prefill_replicas = replicas();
  decode->transfers.decode_replicas = decode->replicas;
  decode->transfers.first_replica = replica_id(0);
  gateway.decode_replicas = decode->replicas;
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
  dispatch.lands_at = replicas_[row].entity.send(dispatch);
  outbox.add(
      {.key = order_key(dispatch.lands_at, EventClass::message, gateway_.id, dispatch.request),
       .target = replicas_[row].id,
       .kind = kind_of<RequestArrived, Replica::Events>()});
}

void Pool::handle(const Event& event, Outbox& outbox) {
  if (event.target == gateway_.id) {
    deliver_to_gateway(event, outbox);
  } else if (transfers_ && event.target == transfers_->id) {
    deliver(*transfers_, event, outbox);
  } else {
    deliver(replicas_[event.target - setup_->replica_id(0)], event, outbox);
  }
}

void Pool::response_seen(const Event& event) {
  const std::uint32_t row = unpack<ResponseSeen>(event.payload).row;
  if (row < setup_->replicas()) {
    gateway_.entity.response_seen(event.key.at(), row);
  } else {
    gateway_.entity.decode_response_seen(row - setup_->replicas());
  }
}

void Pool::deliver_to_gateway(const Event& event, Outbox& outbox) {
  if (event.kind == kind_of<ResponseSeen, Gateway::Events>()) {
    response_seen(event);
  } else if (event.kind == kind_of<PrefillDone, Gateway::Events>()) {
    hand_over(event.key.at(), unpack<PrefillDone>(event.payload), outbox);
  } else {
    const std::uint32_t row = unpack<RowChanged>(event.payload).row;
    const SimTime now = event.key.at();
    gateway_.entity.row_changed(now, row, replicas_[row].entity.read(now));
  }
}

/// A request has been prefilled: the gateway picks who decodes it, and tells that replica where its KV cache is.
void Pool::hand_over(SimTime now, PrefillDone done, Outbox& outbox) {
  if (setup_->replica.reports_responses) gateway_.entity.response_seen(now, done.row);
  RequestFact& fact = requests_[done.request];
  const HeldRequest* cache = nullptr;
  replicas_[done.row].entity.each_held([&](const HeldRequest& held) {
    if (held.request == done.request) cache = &held;
  });
  PLIMSOLL_ASSERT(cache != nullptr, "row {} does not hold request {}", done.row, done.request);
  fact.preemptions = cache->preemptions;
  fact.cached_tokens = cache->cached_tokens;
  const std::uint32_t row = setup_->replicas() + gateway_.entity.route_to_decode(done.request);
  const Bytes bytes = setup_->decode->transfers.link.left_after(fact.prompt_tokens, cache->prefill);
  const std::uint32_t transfer =
      transfers_->entity.add({.request = done.request,
                              .from = done.row,
                              .to = row,
                              .bytes = bytes.count(),
                              .prefilled_ns = to_ns(cache->prefilled_at)});
  Dispatch dispatch{now + setup_->gateway.dispatch_latency,
                    done.request,
                    fact.prompt_tokens,
                    fact.output_tokens,
                    {},
                    transfer};
  dispatch.lands_at = replicas_[row].entity.send(dispatch);
  outbox.add({.key = order_key(dispatch.lands_at, EventClass::message, setup_->gateway_id(),
                               kHandOverSequence + transfer),
              .target = replicas_[row].id,
              .kind = kind_of<RequestArrived, Replica::Events>()});
}

// ---- Sensors and routing --------------------------------------------------------------------------------------------

std::vector<ReplicaReading>& Pool::board(std::int64_t k) {
  return board_[static_cast<std::size_t>(k) % board_.size()];
}

void Pool::scrape_now() {
  const SimTime now = sensors().scrape_time(next_scrape_);
  std::vector<ReplicaReading>& readings = board(next_scrape_);
  const auto groups = static_cast<std::uint32_t>(sensors().phase_groups);
  const std::uint32_t rows = setup_->replicas();
  for (std::uint32_t row = sensors().group(next_scrape_); row < rows; row += groups) {
    replicas_[row].entity.read(now, readings[row]);
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
    dispatch = {arrival.at + setup_->gateway.dispatch_latency,
                request,
                fact.prompt_tokens,
                fact.output_tokens,
                arrival.prefix,
                0};
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
           return slot.entity.wakes_at() == kNever && slot.entity.wire().empty() &&
                  slot.entity.held() == 0;
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
  for (std::size_t row = 0; row < replicas_.size(); ++row) {
    const Replica& replica = replicas_[row].entity;
    replica.check_blocks();
    const ReplicaReading reading = replica.read(now);
    const ReplicaTotals totals = replica.totals(now);
    sample.completed += replica.completed();
    // What is on the wire to a decode replica is held by a prefill replica.
    if (row < setup_->replicas()) sample.in_flight += replica.wire().size();
    sample.queued += reading.waiting;
    sample.running += reading.running;
    sample.transferring += replica.held();
    sample.preempted += replica.fact().preemptions;
    sample.output_tokens += totals.output_tokens;
    sample.kv_used_blocks += reading.kv_used_blocks;
    sample.busy_ns += totals.busy_ns;
  }
  const std::uint64_t found = sample.completed + sample.rejected + sample.in_flight +
                              sample.queued + sample.running + sample.transferring;
  PLIMSOLL_ASSERT(sample.arrived == found,
                  "pool {} at {} ns: {} arrived, but {} completed, {} rejected, {} on the wire, {} "
                  "queued, {} running, {} transferring",
                  setup_->constants.name, to_ns(now), sample.arrived, sample.completed,
                  sample.rejected, sample.in_flight, sample.queued, sample.running,
                  sample.transferring);
  return sample;
}

void Pool::collect_facts() {
  for (Slot<Replica>& slot : replicas_) {
    for (const FinishedRequest& finished : slot.entity.finished()) {
      RequestFact& fact = requests_[finished.request];
      fact.first_token_ns = finished.first_token_ns;
      fact.finish_ns = finished.finish_ns;
      fact.preemptions = static_cast<std::uint16_t>(fact.preemptions + finished.preemptions);
      fact.cached_tokens += finished.cached_tokens;
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
      fact.preemptions = static_cast<std::uint16_t>(fact.preemptions + request.preemptions);
      fact.cached_tokens += request.cached_tokens;
      fact.status = status;
    });
    slot.entity.each_held([&](const HeldRequest& held) {
      RequestFact& fact = requests_[held.request];
      fact.preemptions = held.preemptions;
      fact.cached_tokens = held.cached_tokens;
      fact.status = RequestStatus::transferring;
    });
  }
  collect_facts();
  PoolFacts facts = setup_->constants;
  facts.decisions_hash = gateway_.entity.decisions_hash();
  facts.view_changes_hash = gateway_.entity.view_changes_hash();
  facts.requests = std::move(requests_);
  facts.itl_runs = std::move(itl_runs_);
  if (transfers_) facts.kv_transfers = transfers_->entity.take_facts();
  for (const Slot<Replica>& slot : replicas_) facts.replica_facts.push_back(slot.entity.fact());
  add_left_ranges(*setup_, to_ns(end), facts);
  return facts;
}

}  // namespace plimsoll
