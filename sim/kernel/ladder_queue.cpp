// The parts of the ladder queue that run once per bucket, not once per event.
#include "sim/kernel/ladder_queue.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace plimsoll {
namespace {

bool earlier(const Event& a, const Event& b) { return a.key < b.key; }

/// Sorts `count` events from `in` to `out` by counting, for each, how many precede it: n^2 / 2 comparisons, but no
/// branch depends on any of them, which for a bucket's few events is faster than any sort that branches.
template <std::size_t kMost>
void rank_sort(const Event* in, Event* out, std::size_t count) {
  std::array<std::uint32_t, kMost> rank;
  for (std::size_t i = 0; i < count; ++i) {
    const OrderKey key = in[i].key;
    std::uint32_t before = 0;
    for (std::size_t j = 0; j < i; ++j) {
      const auto first = static_cast<std::uint32_t>(key < in[j].key);
      rank[j] += first;
      before += 1 - first;
    }
    rank[i] = before;
  }
  for (std::size_t i = 0; i < count; ++i) out[rank[i]] = in[i];
}

}  // namespace

/// The array has been used up to its end: moves what is left to its beginning, or makes it larger.
void LadderQueue::make_room() {
  if (near_.size() < 2 * kNearMost) near_.resize(2 * kNearMost);
  std::move(near_.begin() + static_cast<std::ptrdiff_t>(head_),
            near_.begin() + static_cast<std::ptrdiff_t>(tail_), near_.begin());
  tail_ -= head_;
  head_ = 0;
}

/// The array is full. If it came to be so by insertion it is split, unless all its events have the time of this one.
void LadderQueue::push_crowded(const Event& event) {
  const std::uint64_t first = near_[head_].key.time;
  const bool one_time = first == near_[tail_ - 1].key.time && first == event.key.time;
  crowd_.push(event);
  if (tail_ - head_ == kNearMost && !one_time) split_near();
}

/// Keeps the events of the first time and moves all others, the crowd's too, to a new rung.
void LadderQueue::split_near() {
  moving_.assign(near_.begin() + static_cast<std::ptrdiff_t>(head_),
                 near_.begin() + static_cast<std::ptrdiff_t>(tail_));
  for (; !crowd_.empty(); crowd_.pop()) moving_.push_back(crowd_.top());
  std::sort(moving_.begin(), moving_.end(), earlier);
  const std::uint64_t first = moving_.front().key.time;
  const auto later = std::find_if(moving_.begin(), moving_.end(),
                                  [&](const Event& event) { return event.key.time != first; });
  head_ = 0;
  tail_ = static_cast<std::size_t>(later - moving_.begin());
  if (near_.size() < tail_) near_.resize(tail_);
  std::copy(moving_.begin(), later, near_.begin());
  open_rung(first + 1, near_end_, {later, moving_.end()});
  near_end_ = first + 1;
}

/// A rung from `start` to `end` with these events. Its buckets are as wide as would suit events spread evenly around
/// their mean, so that a long tail does not make the first ones too full; what is beyond goes to the last one.
void LadderQueue::open_rung(std::uint64_t start, std::uint64_t end, std::span<const Event> events) {
  std::uint64_t range = 0;
  double sum = 0;
  for (const Event& event : events) {
    range = std::max(range, event.key.time - start);
    sum += static_cast<double>(event.key.time - start);
  }
  const auto count = static_cast<double>(events.size());
  const double buckets = count / (events.size() > kMany ? kManyPerBucket : kPerBucket);
  // A quarter of the range at most, so that a rung within a rung is always finer.
  const double width = std::min(2 * sum / count / buckets, static_cast<double>(range) / 4);
  if (depth_ == rungs_.size()) rungs_.emplace_back();
  Rung& rung = rungs_[depth_++];
  rung.start = start;
  rung.end = end;
  rung.cursor = 0;
  rung.shift = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(width) | 1)) - 1;
  const auto most = static_cast<std::uint64_t>(kReach * buckets) + 8;
  rung.buckets.assign(std::min(range >> rung.shift, most) + 2, {});
  for (const Event& event : events) add(rung, event);
}

/// Brings the next bucket into the empty array.
void LadderQueue::refill() {
  PLIMSOLL_ASSERT(size_ > 0, "size = {}", size_);
  head_ = tail_ = 0;
  while (tail_ == 0) {
    PLIMSOLL_ASSERT(depth_ > 0, "size = {}", size_);
    Rung& rung = rungs_[depth_ - 1];
    while (rung.cursor < rung.last() && rung.buckets[rung.cursor].count == 0) ++rung.cursor;
    if (rung.buckets[rung.cursor].count <= kNearMost) {
      take_few(rung);
    } else {
      take_many(rung);
    }
  }
}

/// Sorts the rung's current bucket, which may be empty if it is the last, into the array.
void LadderQueue::take_few(Rung& rung) {
  EventChunks::Bucket& bucket = rung.buckets[rung.cursor];
  if (rung.cursor < rung.last()) chunks_.prefetch(rung.buckets[rung.cursor + 1]);
  if (near_.size() < 2 * kNearMost) near_.resize(2 * kNearMost);
  std::array<Event, kNearMost> events;
  tail_ = bucket.count;
  chunks_.take(bucket, events.data());
  rank_sort<kNearMost>(events.data(), near_.data(), tail_);
  near_end_ = rung.end_of_bucket();
  if (rung.cursor++ == rung.last()) --depth_;
}

/// Opens a rung for the current bucket of this one. If all its events have one time they go to the array, and the
/// bucket stays the current one for what comes after that time.
void LadderQueue::take_many(Rung& rung) {
  EventChunks::Bucket& bucket = rung.buckets[rung.cursor];
  moving_.resize(bucket.count);
  chunks_.take(bucket, moving_.data());
  std::uint64_t first = kEndOfTime;
  std::uint64_t last = 0;
  for (const Event& event : moving_) {
    first = std::min(first, event.key.time);
    last = std::max(last, event.key.time);
  }
  if (first == last) {
    std::sort(moving_.begin(), moving_.end(), earlier);
    near_.swap(moving_);
    tail_ = near_.size();
    near_end_ = first + 1;
    return;
  }
  const std::uint64_t end = rung.end_of_bucket();
  if (rung.cursor++ == rung.last()) --depth_;  // the new rung takes the place of this one
  open_rung(first, end, moving_);
}

}  // namespace plimsoll
