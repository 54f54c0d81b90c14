// PHOLD, the usual load of event engines: entities that hand events around with random delays and do nothing else.
// Fujimoto, "Performance of Time Warp under synthetic workloads", SCS Multiconference on Distributed Simulation, 1990.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/exponential.hpp"
#include "core/random_stream.hpp"
#include "sim/kernel/context.hpp"
#include "sim/kernel/partition.hpp"
#include "sim/kernel/windows.hpp"

namespace plimsoll {

/// Every process starts with `events_each` events; each event becomes one after 0.1 s + Exp(1 s), at a process chosen
/// uniformly with probability `remote`, else at the same one.
struct PholdSetup {
  std::uint32_t processes = 1024;  ///< a power of two
  std::uint32_t events_each = 16;
  double remote = 0.5;
  Duration lookahead = from_seconds(0.1);
  Duration mean_delay = from_seconds(1.0);
  RandomStream stream{0, "phold", "hops"};
};

struct Hop {};

class PholdProcess {
 public:
  using Events = EventList<Hop>;
  explicit PholdProcess(const PholdSetup& setup) : setup_(&setup) {}

  void on(Hop, Context<PholdProcess>& context) {
    history_ = (history_ ^ static_cast<std::uint64_t>(to_ns(context.now()))) * 0x9E3779B97F4A7C15u;
    hop(context);
  }

  void hop(Context<PholdProcess>& context) {
    const auto [when, where] = setup_->stream.block(draws_++, context.self());
    const Duration delay = setup_->lookahead + exponential(setup_->mean_delay, when);
    const bool stays = unit_interval(where << 32) >= setup_->remote;
    const auto other = static_cast<std::uint32_t>(where >> 32) & (setup_->processes - 1);
    context.send<PholdProcess>(stays ? context.self() : other, context.now() + delay, Hop{});
  }

  /// A hash of the times of all events here, in order.
  std::uint64_t history() const { return history_; }

 private:
  const PholdSetup* setup_;
  std::uint64_t draws_ = 0;
  std::uint64_t history_ = 0;
};

/// The processes [first, first + count) of a setup that is split into equal partitions.
class PholdWorld {
 public:
  PholdWorld(std::shared_ptr<const PholdSetup> setup, std::uint32_t part, std::uint32_t parts)
      : setup_(std::move(setup)),
        first_(setup_->processes / parts * part),
        shift_(static_cast<unsigned>(std::countr_zero(setup_->processes / parts))) {
    for (std::uint32_t i = 0; i < setup_->processes / parts; ++i) {
      processes_.push_back({PholdProcess(*setup_), first_ + i});
    }
  }

  static OrderKey next_external() { return kNoKey; }
  static void external(Outbox&) {}
  void handle(const Event& event, Outbox& outbox) {
    deliver(processes_[event.target - first_], event, outbox);
  }
  std::uint32_t partition_of(const Event& event) const { return event.target >> shift_; }
  SimTime earliest_output(SimTime earliest) const { return earliest + setup_->lookahead; }

  void start(Outbox& outbox) {
    for (Slot<PholdProcess>& slot : processes_) {
      Context<PholdProcess> context(SimTime{}, slot, outbox);
      for (std::uint32_t i = 0; i < setup_->events_each; ++i) slot.entity.hop(context);
    }
  }
  const std::vector<Slot<PholdProcess>>& processes() const { return processes_; }

 private:
  std::shared_ptr<const PholdSetup> setup_;  ///< shared by the partitions, which only read it
  std::uint32_t first_;
  unsigned shift_;
  std::vector<Slot<PholdProcess>> processes_;
};

/// PHOLD at time zero, in `parts` partitions (a power of two).
template <EventSet Set = LadderQueue>
Windows<PholdWorld, Set> phold(const PholdSetup& setup, std::uint32_t parts) {
  const auto shared = std::make_shared<const PholdSetup>(setup);
  std::vector<Partition<PholdWorld, Set>> partitions;
  for (std::uint32_t part = 0; part < parts; ++part) {
    partitions.emplace_back(PholdWorld(shared, part, parts), part);
  }
  Outbox outbox;
  for (auto& partition : partitions) partition.world().start(outbox);
  for (const Event& event : outbox.events()) {
    partitions[partitions.front().world().partition_of(event)].receive(event);
  }
  return Windows<PholdWorld, Set>(std::move(partitions));
}

/// One number for all histories.
template <class Partitions>
std::uint64_t phold_hash(const Partitions& partitions) {
  std::uint64_t hash = 0;
  for (const auto& partition : partitions) {
    for (const auto& slot : partition.world().processes()) {
      hash = (hash ^ slot.entity.history()) * 0xD6E8FEB86659FD93u + slot.sequence;
    }
  }
  return hash;
}

}  // namespace plimsoll
