#include "policies/gittins_index.hpp"

#include <algorithm>
#include <utility>

namespace plimsoll {

GittinsIndex::GittinsIndex(std::vector<Duration> history, Duration quantum)
    : history_(std::move(history)), quantum_(quantum) {
  std::sort(history_.begin(), history_.end());
  sums_.push_back(0);
  for (const Duration service : history_) sums_.push_back(sums_.back() + to_seconds(service));
}

double GittinsIndex::at(Duration attained) const {
  const auto first = std::upper_bound(history_.begin(), history_.end(), attained);
  const auto last = std::upper_bound(first, history_.end(), attained + quantum_);
  if (first == history_.end()) return 0;
  const auto index = [&](auto at) { return static_cast<std::size_t>(at - history_.begin()); };
  const auto ending = static_cast<double>(last - first);
  const auto longer = static_cast<double>(history_.end() - last);
  const double service = sums_[index(last)] - sums_[index(first)] - ending * to_seconds(attained) +
                         longer * to_seconds(quantum_);
  return ending / service;
}

}  // namespace plimsoll
