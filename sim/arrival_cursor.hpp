// A stream of arrivals read block by block, seen one at a time, and cut at the run's horizon.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "workloads/arrival_stream.hpp"

namespace plimsoll {

class ArrivalCursor {
 public:
  /// Arrivals after `horizon` are not asked for.
  ArrivalCursor(std::unique_ptr<ArrivalStream> stream, SimTime horizon)
      : stream_(std::move(stream)), horizon_(horizon) {
    refill();
  }
  ArrivalCursor(const ArrivalCursor& other)
      : stream_(other.stream_->clone()),
        horizon_(other.horizon_),
        block_(other.block_),
        ahead_(other.ahead_),
        at_(other.at_),
        next_(other.next_),
        last_(other.last_) {}
  ArrivalCursor(ArrivalCursor&&) = default;
  ArrivalCursor& operator=(ArrivalCursor&&) = default;
  ArrivalCursor& operator=(const ArrivalCursor& other) { return *this = ArrivalCursor(other); }
  ~ArrivalCursor() = default;

  /// When the next request arrives; kNever at the end.
  SimTime next_at() const { return next_; }
  const Arrival& peek() const { return block_[at_]; }
  void advance() {
    last_ = next_;
    if (++at_ == block_.size()) {
      refill();
    } else {
      look();
    }
  }
  /// Asks the stream again, which may have more by now.
  void resume() {
    if (next_ == kNever) refill();
  }
  /// About when the last request will have arrived.
  SimTime expected_end() const { return std::min(stream_->expected_end(), horizon_); }
  /// Makes about `count` arrivals ahead of time, while nobody looks at the cursor.
  void prefetch(std::size_t count) {
    std::vector<Arrival> more;
    while (ahead_.size() < count) {
      stream_->next(more);
      if (more.empty()) return;
      ahead_.insert(ahead_.end(), more.begin(), more.end());
    }
  }
  /// When the latest request so far arrived.
  SimTime last_at() const { return last_; }

 private:
  void refill() {
    if (ahead_.empty()) {
      stream_->next(block_);
    } else {
      block_.swap(ahead_);
      ahead_.clear();
    }
    at_ = 0;
    look();
  }
  void look() { next_ = block_.empty() || block_[at_].at > horizon_ ? kNever : block_[at_].at; }

  std::unique_ptr<ArrivalStream> stream_;
  SimTime horizon_;
  std::vector<Arrival> block_;
  std::vector<Arrival> ahead_;  ///< what follows the block, as far as it has been made
  std::size_t at_ = 0;
  SimTime next_ = kNever;
  SimTime last_{};
};

}  // namespace plimsoll
