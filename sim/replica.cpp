// What happens to a replica, and what it leaves behind: events, facts, readings.
#include "sim/replica.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/assert.hpp"
#include "sim/gateway.hpp"
#include "sim/kv_transfers.hpp"
#include "sim/lockstep.hpp"

namespace plimsoll {

Replica::Replica(const ReplicaSetup& setup, std::uint32_t row) : setup_(&setup) {
  log_.row = row;
  for (std::int32_t rank = 0; rank < setup.ranks; ++rank) ranks_.emplace_back(setup);
}

// ---- Events ---------------------------------------------------------------------------------------------------------

SimTime Replica::send(Dispatch dispatch) {
  const Duration service =
      setup_->front_end + from_seconds(setup_->front_end_per_token_s * dispatch.prompt_tokens);
  front_end_free_ = std::max(front_end_free_, dispatch.lands_at) + service;
  dispatch.lands_at = front_end_free_;
  wire_.push(dispatch);
  return dispatch.lands_at;
}

/// The load of a rank as vLLM's DPLBAsyncMPClient weighs it (vllm/v1/engine/core_client.py); of equals, the first.
EngineRank& Replica::least_loaded() {
  if (ranks_.size() == 1) return ranks_.front();
  const auto load = [](const EngineRank& rank) {
    return 4 * (rank.waiting() + rank.coming()) + rank.running();
  };
  return *std::min_element(ranks_.begin(), ranks_.end(),
                           [&](const auto& a, const auto& b) { return load(a) < load(b); });
}

void Replica::on(RequestArrived, Context<Replica>& context) {
  EngineRank& rank = least_loaded();
  const bool may_be_next = rank.may_admit_next();
  const Dispatch& landed = wire_.front();
  QueuedRequest request{landed.request, landed.prompt_tokens, landed.output_tokens};
  request.prefix = landed.prefix;
  request.transfer = landed.transfer;
  rank.enqueue(request);
  wire_.pop();
  ++log_.fact.requests;
  report_change(context);
  if (rests(context.now())) return wake_up(context);
  // A running mixed iteration ends soon and sees the queue. A macro-step is cut only where the request could be
  // admitted.
  if (!mixed_ && may_be_next) cut_run(context);
}

/// An idle replica starts at this instant, but after all messages of the instant: they join the first iteration.
void Replica::wake_up(Context<Replica>& context) { rest_until(to_ns(context.now()), context); }

/// Ends the running macro-step at its next boundary.
void Replica::cut_run(Context<Replica>& context) {
  const std::int64_t cut = run_.first_boundary_at_or_after(to_ns(context.now()));
  if (cut >= run_.steps) return;
  run_.steps = cut;
  wake_at_end(context);
}

void Replica::on(StepDone done, Context<Replica>& context) {
  if (done.generation != generation_) return;  // the run was cut after this wake-up was planned
  if (run_.steps > 0) count_iterations();
  stepping_ = false;
  const std::size_t finished_before = log_.finished.size();
  for (EngineRank& rank : ranks_) rank.finish_iteration(to_ns(context.now()), log_);
  if (setup_->reports_responses) report_responses(finished_before, context);
  if (!idle()) begin_step(context);
  if (!stepping_ || run_.steps == 0) {
    for (EngineRank& rank : ranks_) rank.flush_itl(log_);
  }
  if (setup_->role != ReplicaRole::both) report_handover(context);
  report_change(context);
}

void Replica::begin_step(Context<Replica>& context) {
  const std::int64_t now_ns = to_ns(context.now());
  const IterationPlan plan = schedule(now_ns);
  note_kv_peak();
  const std::int64_t load_ns = next_load_ns();
  const bool loads = load_ns != std::numeric_limits<std::int64_t>::max();
  if (plan.steps == 0) {  // what waits needs KV caches or blocks that are being moved
    if (loads) rest_until(load_ns, context);
    return;
  }
  run_ = {now_ns, fraction_, plan.first, plan.slope, plan.steps};
  if (loads) run_.steps = std::min(run_.steps, run_.first_boundary_at_or_after(load_ns));
  mixed_ = plan.prefills;
  for (EngineRank& rank : ranks_) rank.begin(run_, log_);
  stepping_ = true;
  wake_at_end(context);
}

std::int64_t Replica::next_load_ns() const {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  if (setup_->offload.tiers.empty()) return next;
  for (const EngineRank& rank : ranks_) next = std::min(next, rank.next_load_ns());
  return next;
}

void Replica::rest_until(std::int64_t wake_ns, Context<Replica>& context) {
  fraction_ = 0;
  run_ = {wake_ns, 0, 0, 0, 0};
  mixed_ = true;  // nothing to cut
  stepping_ = true;
  wake_at_end(context);
}

IterationPlan Replica::schedule(std::int64_t now_ns) {
  if (ranks_.size() == 1) return ranks_.front().schedule(now_ns, log_);
  plans_.clear();
  for (EngineRank& rank : ranks_) plans_.push_back(rank.schedule(now_ns, log_));
  return in_lockstep(plans_);
}

/// Tells the gateway of the requests that have finished since there were `first`.
void Replica::report_responses(std::size_t first, Context<Replica>& context) {
  for (std::size_t i = first; i < log_.finished.size(); ++i) {
    context.send<Gateway>(setup_->gateway, at_ns(log_.finished[i].finish_ns),
                          ResponseSeen{log_.row});
  }
}

// ---- Prefill and decode on different replicas -----------------------------------------------------------------------

/// Tells the gateway what has been prefilled, and the links which KV caches are wanted.
void Replica::report_handover(Context<Replica>& context) {
  for (const std::uint32_t request : std::exchange(log_.handed_over, {})) {
    context.send<Gateway>(setup_->gateway, context.now() + setup_->response_latency,
                          PrefillDone{request, log_.row});
  }
  for (const std::uint32_t transfer : std::exchange(log_.asked, {})) {
    context.send<KvTransfers>(setup_->transfers, context.now() + setup_->ask_latency,
                              KvAsked{transfer});
  }
}

void Replica::on(KvReleased released, Context<Replica>& context) {
  const bool known = std::any_of(ranks_.begin(), ranks_.end(),
                                 [&](EngineRank& rank) { return rank.release(released.request); });
  PLIMSOLL_ASSERT(known, "no rank of row {} holds request {}", log_.row, released.request);
  if (rests(context.now()) && !idle()) wake_up(context);
}

void Replica::on(KvReceived received, Context<Replica>& context) {
  const auto rank = std::find_if(ranks_.begin(), ranks_.end(),
                                 [&](EngineRank& each) { return each.receive(received.request); });
  PLIMSOLL_ASSERT(rank != ranks_.end(), "no rank of row {} has asked for the KV cache of {}",
                  log_.row, received.request);
  if (rests(context.now())) return wake_up(context);
  if (!mixed_ && rank->has_seat()) cut_run(context);
}

/// Fresh sensors see queue and batch change, not the growth of KV caches in between.
void Replica::report_change(Context<Replica>& context) {
  if (!setup_->reports_changes) return;
  const ReplicaReading now = sums(0);
  const std::uint64_t state = (std::uint64_t{now.running} << 32) | now.waiting;
  if (std::exchange(reported_, state) == state) return;
  context.publish<Gateway>(setup_->gateway, context.now() + Duration{1}, RowChanged{log_.row});
}

void Replica::wake_at_end(Context<Replica>& context) {
  wake_ns_ = run_.boundary_ns(run_.steps);
  context.wake(at_ns(wake_ns_), StepDone{++generation_});
}

// ---- What an ended run leaves ---------------------------------------------------------------------------------------

/// Moves clock, KV blocks and counters over the whole run that has just ended.
void Replica::count_iterations() {
  note_busy(wake_ns_ - run_.begin_ns);
  log_.fact.iterations += static_cast<std::uint64_t>(run_.steps);
  fraction_ = run_.fraction_after(run_.steps);
  for (EngineRank& rank : ranks_) rank.count(run_, log_);
  note_kv_peak();
}

void Replica::note_busy(std::int64_t took_ns) {
  const std::uint32_t members = running();
  if (log_.fact.busy_ns.size() <= members) log_.fact.busy_ns.resize(members + 1, 0);
  log_.fact.busy_ns[members] += took_ns;
  busy_ns_ += took_ns;
}

void Replica::note_kv_peak() {
  log_.fact.kv_peak_blocks =
      std::max(log_.fact.kv_peak_blocks, std::uint64_t{sums(0).kv_used_blocks});
}

void Replica::close(SimTime now) {
  if (stepping_ && run_.steps > 0) {
    note_busy(to_ns(now) - run_.begin_ns);
    log_.fact.kv_peak_blocks =
        std::max<std::uint64_t>(log_.fact.kv_peak_blocks, read(now).kv_used_blocks);
    run_.steps = run_.boundaries_before(to_ns(now));
    log_.fact.iterations += static_cast<std::uint64_t>(run_.steps);
    for (EngineRank& rank : ranks_) rank.close(run_, log_);
  } else {
    for (EngineRank& rank : ranks_) rank.flush_itl(log_);
  }
}

// ---- What a sensor reads --------------------------------------------------------------------------------------------

void Replica::read(SimTime now, ReplicaReading& reading) const {
  // Iterations begun after the first of the run.
  const std::int64_t further = stepping_ && run_.steps > 1
                                   ? std::min(run_.boundaries_before(to_ns(now)), run_.steps - 1)
                                   : 0;
  sum_up(further, reading);
}

ReplicaTotals Replica::totals(SimTime now) const {
  ReplicaTotals totals{busy_ns_, log_.output_tokens};
  if (!stepping_ || run_.steps == 0) return totals;
  totals.busy_ns += to_ns(now) - run_.begin_ns;
  const auto iterations = static_cast<std::uint64_t>(run_.boundaries_before(to_ns(now)));
  for (const EngineRank& rank : ranks_) totals.output_tokens += iterations * rank.decoding();
  return totals;
}

// ---- Sums over its ranks --------------------------------------------------------------------------------------------

bool Replica::idle() const {
  return std::all_of(ranks_.begin(), ranks_.end(),
                     [](const EngineRank& rank) { return rank.idle(); });
}

}  // namespace plimsoll
