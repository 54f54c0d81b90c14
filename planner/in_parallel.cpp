#include "planner/in_parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace plimsoll {

void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)>& work) {
  std::vector<std::exception_ptr> failures(count);
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> team;
  for (std::size_t i = 1; i < std::min(threads, count); ++i) team.emplace_back(take);
  take();
  team.clear();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace plimsoll
