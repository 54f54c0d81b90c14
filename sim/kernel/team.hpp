// Threads that work through numbered items together, phase by phase. Which thread took an item is never visible in it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include "core/assert.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace plimsoll {

/// Waits longer the longer there is nothing to do: first in the pipeline, then giving the core away, then asleep.
class Backoff {
 public:
  void wait() {
    ++rounds_;
    if (rounds_ < kSpins) {
#if defined(__x86_64__)
      _mm_pause();
#endif
    } else if (rounds_ < kSpins + kYields) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  void reset() { rounds_ = 0; }

 private:
  static constexpr std::uint32_t kSpins = 2000;
  static constexpr std::uint32_t kYields = 200;
  std::uint32_t rounds_ = 0;
};

/// One leader and any number of helpers. The leader opens a phase, a range of items; each item is run once, by whoever
/// claims it: first everybody's own share, so that an item stays on its core, then what others have not begun. The
/// leader needs no helper to show up: a phase ends when its items are done, if need be all by the leader.
template <class Body>
class Team {
 public:
  /// `body(item)` for items below `items`; phases are numbered ranges, phase p is [ends[p - 1], ends[p]).
  Team(unsigned members, std::span<const std::uint32_t> ends, Body body)
      : members_(members),
        ends_(ends),
        body_(std::move(body)),
        items_(std::make_unique<Item[]>(ends.empty() ? 0 : ends.back())) {
    PLIMSOLL_ASSERT(ends.size() < kRanges, "ranges = {}", ends.size());
  }

  /// Leader: runs the items of a range and returns when all are done. Rethrows the fault of the first that had one.
  void run(std::uint32_t range) {
    const std::uint64_t phase = (++phases_ * kRanges) | range;
    const std::uint64_t count = ends_[range] - first(range);
    expected_ += count;
    phase_.store(phase, std::memory_order_release);
    work(phase, 0);
    for (Backoff backoff; done_.load(std::memory_order_acquire) != expected_;) backoff.wait();
    for (std::uint32_t i = first(range); i < ends_[range]; ++i) {
      if (items_[i].fault) std::rethrow_exception(std::exchange(items_[i].fault, nullptr));
    }
  }

  /// Helper `member` (from 1): works until the leader dismisses the team.
  void help(unsigned member) {
    std::uint64_t seen = 0;
    for (Backoff backoff;;) {
      const std::uint64_t phase = phase_.load(std::memory_order_acquire);
      if (phase == kDismissed) return;
      if (phase == seen) {
        backoff.wait();
        continue;
      }
      seen = phase;
      backoff.reset();
      work(phase, member);
    }
  }

  void dismiss() { phase_.store(kDismissed, std::memory_order_release); }

 private:
  static constexpr std::uint64_t kRanges = 1u << 16;
  static constexpr std::uint64_t kDismissed = ~std::uint64_t{0};

  struct alignas(64) Item {
    std::atomic<std::uint64_t> claimed{0};  ///< the last phase in which somebody took it
    std::exception_ptr fault;
  };

  std::uint32_t first(std::uint32_t range) const { return range == 0 ? 0 : ends_[range - 1]; }

  void work(std::uint64_t phase, unsigned member) {
    const auto range = static_cast<std::uint32_t>(phase % kRanges);
    const std::uint32_t begin = first(range);
    const std::uint64_t count = ends_[range] - begin;
    const auto own = static_cast<std::uint32_t>(count * member / members_);
    for (std::uint32_t i = 0; i < count; ++i) {
      attempt(phase, begin + static_cast<std::uint32_t>((own + i) % count));
    }
  }

  /// A helper that comes late, in a phase that is over, finds every item of it claimed.
  void attempt(std::uint64_t phase, std::uint32_t item) {
    std::uint64_t last = items_[item].claimed.load(std::memory_order_relaxed);
    if (last >= phase || !items_[item].claimed.compare_exchange_strong(last, phase)) return;
    try {
      body_(item);
    } catch (...) {
      items_[item].fault = std::current_exception();
    }
    done_.fetch_add(1, std::memory_order_acq_rel);
  }

  unsigned members_;
  std::span<const std::uint32_t> ends_;
  Body body_;
  std::unique_ptr<Item[]> items_;
  std::uint64_t phases_ = 0;
  std::uint64_t expected_ = 0;
  alignas(64) std::atomic<std::uint64_t> phase_{0};
  alignas(64) std::atomic<std::uint64_t> done_{0};
};

/// Runs `lead(team)` here with the executor's other threads as helpers, and sends them home however it ends.
template <class Executor, class Body, class Lead>
void run_team(Executor& executor, std::span<const std::uint32_t> ranges, Body&& body, Lead&& lead) {
  Team team(executor.threads(), ranges, std::forward<Body>(body));
  executor.run(
      [&] {
        struct Dismissal {
          decltype(team)& members;
          ~Dismissal() { members.dismiss(); }
        } at_the_end{team};
        lead(team);
      },
      [&](unsigned member) { team.help(member); });
}

}  // namespace plimsoll
