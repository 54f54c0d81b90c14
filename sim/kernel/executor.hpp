// Where the threads of a run come from. Results do not depend on it.
#pragma once

#include <tbb/info.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "core/assert.hpp"

namespace plimsoll {

/// An executor calls `lead()` here and `help(m)` for members 1 to threads() - 1 on other threads, as far as it gets
/// them in time, and returns when all have returned. `lead` makes the helpers return before it does.
class SerialExecutor {
 public:
  static constexpr unsigned threads() { return 1; }
  template <class Lead, class Help>
  void run(Lead&& lead, Help&&) {
    lead();
  }
};

/// Plain threads, started for each call: what the thread sanitizer can see through.
class ThreadExecutor {
 public:
  explicit ThreadExecutor(unsigned threads) : threads_(threads) {
    PLIMSOLL_ASSERT(threads > 0, "threads = {}", threads);
  }
  unsigned threads() const { return threads_; }

  template <class Lead, class Help>
  void run(Lead&& lead, Help&& help) {
    std::vector<std::jthread> helpers;
    for (unsigned member = 1; member < threads_; ++member) {
      helpers.emplace_back([&help, member] { help(member); });
    }
    lead();
  }

 private:
  unsigned threads_;
};

/// The run's own arena of oneTBB. Isolated: a thread that waits here does not pick up another run's work. Of more
/// threads than the machine has cores only so many run.
class TbbExecutor {
 public:
  explicit TbbExecutor(unsigned threads)
      : threads_(threads),
        arena_(std::min(static_cast<int>(threads), tbb::info::default_concurrency())) {
    PLIMSOLL_ASSERT(threads > 0, "threads = {}", threads);
  }
  unsigned threads() const { return threads_; }

  template <class Lead, class Help>
  void run(Lead&& lead, Help&& help) {
    arena_.execute([&] {
      tbb::this_task_arena::isolate([&] {
        tbb::task_group helpers;
        for (unsigned member = 1; member < threads_; ++member) {
          helpers.run([&help, member] { help(member); });
        }
        std::exception_ptr fault;
        try {
          lead();
        } catch (...) {
          fault = std::current_exception();
        }
        helpers.wait();
        if (fault) std::rethrow_exception(fault);
      });
    });
  }

 private:
  unsigned threads_;
  tbb::task_arena arena_;
};

}  // namespace plimsoll
