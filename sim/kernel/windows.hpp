// Conservative windows: partitions run side by side up to a time that nothing they send can undercut.
// After Nicol, "The cost of conservative synchronization in parallel discrete event simulations", JACM 40(2), 1993,
// with a control part that runs alone between windows.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/kernel/partition.hpp"
#include "sim/kernel/stopwatch.hpp"
#include "sim/kernel/team.hpp"

namespace plimsoll {

/// A world whose partition can run in windows.
///  - `earliest_output(earliest)`: if nothing in the whole run happens before `earliest`, nothing that this world sends
///    to another partition lands before the time returned. With a fixed lookahead that is `earliest + lookahead`.
template <class W>
concept WindowedWorld = World<W> && requires(const W world, SimTime earliest) {
  { world.earliest_output(earliest) } -> std::same_as<SimTime>;
};

/// How the windows of a run went. It differs between machines and is no part of a result.
struct WindowReport {
  std::uint64_t windows = 0;
  std::uint64_t shared = 0;  ///< of them run by more than one thread
};

/// The control part of a run that needs none.
struct NoControl {
  static constexpr SimTime next_time() { return kNever; }
  template <class Partitions>
  static void run_at(SimTime, Partitions&&, Outbox&) {}
  static void receive(const Event& event) {
    PLIMSOLL_ASSERT(false, "kind {} sent to a control part that is not there", event.kind);
  }
};

/// The partitions of a run and the mail between them. A value: a copy is a checkpoint of all of it.
///
/// A window reaches to the earliest of: the first time at which something that is sent in it can land, the next event
/// of the control part, the caller's end. Time in which nothing happens is skipped.
///
/// The control part runs alone, after all events before its own and ahead of all others of that time:
///  - `next_time()`: of its next event; `kNever` if it has none.
///  - `run_at(time, partitions, outbox)`: handles its events of that time. It may look at and change any world. What it
///    puts in `outbox` goes where `world.partition_of(event)` says.
///  - `receive(event)`: mail for it; worlds address it as the partition after the last.
template <WindowedWorld WorldType, EventSet Set = LadderQueue>
class Windows {
 public:
  using Part = Partition<WorldType, Set>;

  explicit Windows(std::vector<Part> partitions)
      : partitions_(std::move(partitions)), work_(partitions_.size()) {
    for (auto& mail : mail_) mail.assign(partitions_.size(), Mail(partitions_.size() + 1));
  }

  std::span<Part> partitions() { return partitions_; }
  const WindowReport& report() const { return report_; }
  std::uint64_t events() const {
    std::uint64_t sum = 0;
    for (const Part& part : partitions_) sum += part.events();
    return sum;
  }

  /// Runs everything before `end`. A window worth less than `share_above_s` seconds of work is run by one thread.
  template <class Executor, class Control = NoControl>
  void run_until(SimTime end, Executor& executor, Control&& control = {},
                 double share_above_s = kShareAbove) {
    const std::array<std::uint32_t, 1> items{static_cast<std::uint32_t>(partitions_.size())};
    for (std::uint32_t part = 0; part < items[0]; ++part) look_ahead(part);
    run_team(
        executor, items, [this](std::uint32_t part) { run_part(part); },
        [&](auto& team) {
          while (open_window(end, control)) {
            if (executor.threads() > 1 && worth_ >= share_above_s) {
              team.run(0);
              ++report_.shared;
            } else {
              for (std::uint32_t part = 0; part < items[0]; ++part) run_part(part);
            }
            close_window(control);
          }
        });
  }

 private:
  /// A hand-over between cores costs about a microsecond; below ten of them a window is not worth it.
  static constexpr double kShareAbove = 10e-6;

  /// What one thread finds out while it runs a partition; padded, so that no two threads share a cache line.
  struct alignas(64) Work {
    double seconds = 0;
    SimTime next{};  ///< the partition's next event, mail aside
  };

  /// Runs the control part as often as it is its turn, then sets the window's end; false when all is done.
  template <class Control>
  bool open_window(SimTime end, Control& control);
  template <class Control>
  void close_window(Control& control);
  template <class Control>
  void run_control(SimTime now, Control& control);
  SimTime earliest_event() const;
  void look_ahead(std::uint32_t part) { work_[part].next = partitions_[part].next_time(); }
  void run_part(std::uint32_t part);

  std::vector<Part> partitions_;
  std::array<std::vector<Mail>, 2>
      mail_;  ///< of this window and of the one before, by turns; [sender]
  std::vector<Work> work_;
  SimTime end_{};
  double worth_ = 0;  ///< seconds of work in a window, smoothed
  WindowReport report_;
};

template <WindowedWorld WorldType, EventSet Set>
SimTime Windows<WorldType, Set>::earliest_event() const {
  SimTime earliest = kNever;
  for (const Work& work : work_) earliest = std::min(earliest, work.next);
  for (const Mail& mail : mail_[report_.windows % 2])
    earliest = std::min(earliest, mail.earliest());
  return earliest;
}

template <WindowedWorld WorldType, EventSet Set>
template <class Control>
bool Windows<WorldType, Set>::open_window(SimTime end, Control& control) {
  SimTime earliest = earliest_event();
  SimTime control_at = control.next_time();
  while (control_at <= earliest && control_at < end) {
    run_control(control_at, control);
    earliest = earliest_event();
    control_at = control.next_time();
  }
  if (earliest >= end) return false;
  end_ = std::min(end, control_at);
  for (const Part& part : partitions_) {
    end_ = std::min(end_, part.world().earliest_output(earliest));
  }
  PLIMSOLL_ASSERT(end_ > earliest, "window from {} to {} ns", to_ns(earliest), to_ns(end_));
  ++report_.windows;
  return true;
}

template <WindowedWorld WorldType, EventSet Set>
template <class Control>
void Windows<WorldType, Set>::run_control(SimTime now, Control& control) {
  Outbox outbox;
  control.run_at(now, partitions(), outbox);
  for (const Event& event : outbox.events()) {
    const std::uint32_t part = partitions_.front().world().partition_of(event);
    PLIMSOLL_ASSERT(part < partitions_.size(), "part = {} of {}", part, partitions_.size());
    partitions_[part].receive(event);
  }
  for (std::uint32_t part = 0; part < partitions_.size(); ++part) look_ahead(part);
  PLIMSOLL_ASSERT(control.next_time() > now, "control stays at {} ns", to_ns(now));
}

/// Takes in the mail of the window before, which nobody writes any more, then runs through this one.
template <WindowedWorld WorldType, EventSet Set>
void Windows<WorldType, Set>::run_part(std::uint32_t part) {
  const Stopwatch watch;
  for (const Mail& mail : mail_[(report_.windows + 1) % 2]) {
    for (const Event& event : mail.to(part)) partitions_[part].receive(event);
  }
  Mail& mail = mail_[report_.windows % 2][part];
  mail.clear();
  partitions_[part].run_until(end_, mail);
  look_ahead(part);
  work_[part].seconds = watch.seconds();
}

template <WindowedWorld WorldType, EventSet Set>
template <class Control>
void Windows<WorldType, Set>::close_window(Control& control) {
  const auto control_part = static_cast<std::uint32_t>(partitions_.size());
  for (const Mail& mail : mail_[report_.windows % 2]) {
    for (const Event& event : mail.to(control_part)) control.receive(event);
  }
  double seconds = 0;
  for (const Work& work : work_) seconds += work.seconds;
  worth_ += (seconds - worth_) / 8;
}

}  // namespace plimsoll
