// The kernel's event set: events near in time in one sorted array, later ones in buckets, sorted when they come.
// After Tang, Goh, Thng, "Ladder queue: an O(1) priority queue structure for large-scale discrete event simulation",
// ACM TOMACS 15(3), 2005, with bounded work per event whatever the times are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/kernel/event_chunks.hpp"
#include "sim/kernel/heap.hpp"

namespace plimsoll {

/// An event set: push, top, pop in order of key. Copyable; no allocation per event once its arrays have grown.
///
/// `near_` holds, sorted, the events before `near_end_`. Rungs split the time after it into buckets: the outermost
/// reaches to the end of time, each further one covers what was one bucket of the rung before it. A rung's last bucket
/// takes everything from there to the rung's end. A bucket with too many events becomes a rung of its own when its
/// time comes. Events of one and the same time cannot be split: they are sorted, and what joins them waits in a heap.
class LadderQueue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push(const Event& event) {
    ++size_;
    if (event.key.time >= near_end_) {
      push_later(event);
    } else if (tail_ - head_ < kNearMost) {
      insert_near(event);
    } else {
      push_crowded(event);
    }
  }

  /// The first event; there must be one.
  const Event& top() {
    if (head_ == tail_ && crowd_.empty()) refill();
    if (crowd_.empty()) [[likely]]
      return near_[head_];
    return crowd_first() ? crowd_.top() : near_[head_];
  }

  /// Removes the first event.
  void pop() {
    if (head_ == tail_ && crowd_.empty()) refill();
    --size_;
    if (!crowd_.empty() && crowd_first()) [[unlikely]] {
      crowd_.pop();
    } else {
      ++head_;
    }
  }

 private:
  // Chosen by measurement (bench/kernel_bench.cpp); the costs are flat around them.
  /// More events near than this are split into buckets, if their times allow.
  static constexpr std::size_t kNearMost = 48;
  /// Events that a bucket of a new rung is to hold.
  static constexpr double kPerBucket = 16;
  /// The same in a rung of more than kMany events: buckets of 16 would be too many for the cache.
  static constexpr double kManyPerBucket = 1024;
  static constexpr std::size_t kMany = 32768;
  /// A rung has at most so many times the buckets that an even spread needs.
  static constexpr double kReach = 4;
  static constexpr std::uint64_t kEndOfTime = std::numeric_limits<std::uint64_t>::max();

  /// Buckets of 2^shift ns from `start` on; those before `cursor` are done.
  struct Rung {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::size_t cursor = 0;
    unsigned shift = 0;
    std::vector<EventChunks::Bucket> buckets;

    std::size_t last() const { return buckets.size() - 1; }
    std::uint64_t end_of_bucket() const {
      if (cursor == last()) return end;
      return std::min(end, start + ((std::uint64_t{cursor} + 1) << shift));
    }
  };

  bool crowd_first() const { return head_ == tail_ || crowd_.top().key < near_[head_].key; }

  void push_later(const Event& event) {
    std::size_t depth = depth_ - 1;
    while (event.key.time >= rungs_[depth].end) --depth;
    add(rungs_[depth], event);
  }
  void add(Rung& rung, const Event& event) {
    const std::uint64_t bucket = (event.key.time - rung.start) >> rung.shift;
    const std::uint64_t last = rung.last();
    chunks_.add(rung.buckets[bucket < last ? bucket : last], event);
  }

  void insert_near(const Event& event) {
    if (tail_ == near_.size()) make_room();
    std::size_t hole = tail_++;
    for (; hole > head_ && event.key < near_[hole - 1].key; --hole) near_[hole] = near_[hole - 1];
    near_[hole] = event;
  }

  void make_room();
  void push_crowded(const Event& event);
  void split_near();
  void refill();
  void take_few(Rung& rung);
  void take_many(Rung& rung);
  void open_rung(std::uint64_t start, std::uint64_t end, std::span<const Event> events);

  std::vector<Event> near_;  ///< [head_, tail_) is in use
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t size_ = 0;
  std::uint64_t near_end_ = kEndOfTime;
  std::size_t depth_ = 0;  ///< rungs in use; those beyond keep their memory
  std::vector<Rung> rungs_;
  EventChunks chunks_;
  /// Before near_end_ too, while near_ is full of events that no bucket can tell apart.
  EventHeap crowd_;
  std::vector<Event> moving_;  ///< scratch
};

}  // namespace plimsoll
