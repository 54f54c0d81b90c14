// Unordered buckets of events out of one arena of small chunks: adding is a store, emptying returns the chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/kernel/event.hpp"

namespace plimsoll {

/// The storage of many buckets. The last chunk that came free is used first: it is still in the cache.
class EventChunks {
 public:
  /// 8 bytes; its events are in `EventChunks`, newest chunk first.
  struct Bucket {
    std::uint32_t head = 0;
    std::uint32_t count = 0;
  };

  void add(Bucket& bucket, const Event& event) {
    const std::uint32_t slot = bucket.count % kChunk;
    if (slot == 0) bucket.head = new_chunk(bucket.head);
    events_[std::size_t{bucket.head} * kChunk + slot] = event;
    ++bucket.count;
  }

  /// Asks for the bucket's newest chunk to be in the cache soon.
  void prefetch(const Bucket& bucket) const {
    if (bucket.count == 0) return;
    const Event* chunk = &events_[std::size_t{bucket.head} * kChunk];
    for (std::uint32_t i = 0; i < kChunk; i += 2) __builtin_prefetch(chunk + i);
  }

  /// Moves the bucket's events to `out`, which has room for them, and leaves it empty.
  void take(Bucket& bucket, Event* out) {
    std::uint32_t in_chunk = bucket.count == 0 ? 0 : (bucket.count - 1) % kChunk + 1;
    for (std::uint32_t left = bucket.count; left > 0; left -= in_chunk, in_chunk = kChunk) {
      const Event* chunk = &events_[std::size_t{bucket.head} * kChunk];
      for (std::uint32_t i = 0; i < in_chunk; ++i) *out++ = chunk[i];
      const std::uint32_t following = next_[bucket.head];
      next_[bucket.head] = free_;
      free_ = bucket.head;
      bucket.head = following;
    }
    bucket = {};
  }

 private:
  static constexpr std::uint32_t kChunk =
      16;  ///< events: eight cache lines, which the processor reads ahead
  static constexpr std::uint32_t kNone = ~0u;

  std::uint32_t new_chunk(std::uint32_t following) {
    if (free_ == kNone) {
      next_.push_back(kNone);
      events_.resize(events_.size() + kChunk);
      free_ = static_cast<std::uint32_t>(next_.size() - 1);
    }
    const std::uint32_t chunk = free_;
    free_ = next_[chunk];
    next_[chunk] = following;
    return chunk;
  }

  std::vector<Event> events_;
  std::vector<std::uint32_t> next_;
  std::uint32_t free_ = kNone;
};

}  // namespace plimsoll
