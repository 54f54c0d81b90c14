// A whole run from one global list of events, one thread, no windows, no partitions: the plain engine that every other
// one must agree with, to the byte.
#pragma once

#include <algorithm>
#include <queue>
#include <vector>

#include "results/digest.hpp"
#include "sim/pool.hpp"
#include "sim/simulation.hpp"

namespace plimsoll::oracle {

class GlobalList {
 public:
  explicit GlobalList(RunPlan plan) : plan_(std::move(plan)), samples_(plan_.pools.size()) {
    for (PoolPlan& pool : plan_.pools) {
      pools_.emplace_back(pool.setup, std::move(pool.policy),
                          ArrivalCursor(std::move(pool.arrivals), plan_.horizon.value_or(kNever)));
    }
  }

  RunFacts run() {
    SimTime tick{};
    bool over = false;
    while (!over) {
      tick += plan_.observe_interval;
      if (!plan_.drain) tick = std::min(tick, *plan_.horizon);
      run_before(tick);
      over = control(tick);
    }
    return facts();
  }

  std::uint64_t events() const { return events_; }

 private:
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return b.key < a.key; }
  };

  void run_before(SimTime tick) {
    while (true) {
      OrderKey first = list_.empty() ? kNoKey : list_.top().key;
      Pool* external = nullptr;
      for (Pool& pool : pools_) {
        if (pool.next_external() < first) {
          first = pool.next_external();
          external = &pool;
        }
      }
      if (first.at() >= tick) return;
      ++events_;
      if (external != nullptr) {
        external->external(outbox_);
      } else {
        const Event event = list_.top();
        list_.pop();
        owner(event.target).handle(event, outbox_);
      }
      for (const Event& event : outbox_.events()) list_.push(event);
      outbox_.clear();
    }
  }

  Pool& owner(std::uint32_t target) {
    return *std::find_if(pools_.begin(), pools_.end(),
                         [&](const Pool& pool) { return target < pool.setup().end_id(); });
  }

  bool control(SimTime tick) {
    for (Pool& pool : pools_) pool.collect_facts();
    const bool idle =
        std::all_of(pools_.begin(), pools_.end(), [](const Pool& p) { return p.idle(); });
    const bool over =
        plan_.drain ? idle && tick >= plan_.horizon.value_or(SimTime{}) : tick == *plan_.horizon;
    end_ = tick;
    if (over && plan_.drain) {
      end_ = plan_.horizon.value_or(SimTime{});
      for (const Pool& pool : pools_) end_ = std::max(end_, pool.last_fact_at());
    }
    for (std::size_t i = 0; i < pools_.size(); ++i) samples_[i].push_back(pools_[i].sample(end_));
    return over;
  }

  RunFacts facts() {
    RunFacts facts = plan_.constants;
    facts.end_ns = to_ns(end_);
    SimTime last{};
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      last = std::max(last, pools_[i].last_arrival_at());
      facts.pools.push_back(pools_[i].take_facts(end_));
      facts.pools.back().samples = samples_[i];
    }
    facts.horizon_ns = to_ns(plan_.horizon.value_or(last));
    facts.digest = digest(facts);
    return facts;
  }

  RunPlan plan_;
  std::vector<Pool> pools_;
  std::priority_queue<Event, std::vector<Event>, Later> list_;
  Outbox outbox_;
  std::vector<std::vector<PoolSample>> samples_;
  SimTime end_{};
  std::uint64_t events_ = 0;
};

}  // namespace plimsoll::oracle
