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
  const bool one_time = first == near_[tail_ - 1].key.time;
  if (tail_ - head_ > kNearMost || (one_time && event.key.time == first)) {
    crowd_.push(event);
    return;
  }
  crowd_.push(event);
  split_near();
}

/// Keeps the events of the first time and moves all others, and the crowd, to a new rung.
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
  Rung& rung = open_rung(first + 1, near_end_, {later, moving_.end()});
  std::for_each(later, moving_.end(), [&](const Event& event) { add(rung, event); });
  near_end_ = first + 1;
}

/// A rung from `start` to `end` for these events, the caller adds them. Its buckets are as wide as would suit events
/// spread evenly around the mean, so that a long tail does not make the first ones too full.
LadderQueue::Rung& LadderQueue::open_rung(std::uint64_t start, std::uint64_t end,
                                          std::span<const Event> events) {
  std::uint64_t range = 0;
  double sum = 0;
  for (const Event& event : events) {
    range = std::max(range, event.key.time - start);
    sum += static_cast<double>(event.key.time - start);
  }
  const auto count = static_cast<double>(events.size());
  const double aim = events.size() <= kFew ? kPerBucket : kManyPerBucket;
  const double width = std::min(2 * sum / count * aim / count, static_cast<double>(range) / 4);
  if (depth_ == rungs_.size()) rungs_.emplace_back();
  Rung& rung = rungs_[depth_++];
  rung.start = start;
  rung.end = end;
  rung.shift = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(width) | 1)) - 1;
  rung.cursor = 0;
  const auto most = static_cast<std::uint64_t>(kTail * count / aim) + 8;
  rung.buckets.assign(std::min(range >> rung.shift, most) + 2, {});
  return rung;
}

/// Brings the next bucket into the empty array.
void LadderQueue::refill() {
  PLIMSOLL_ASSERT(size_ > 0, "size = {}", size_);
  head_ = tail_ = 0;
  while (head_ == tail_) {
    PLIMSOLL_ASSERT(depth_ > 0, "size = {}", size_);
    Rung& rung = rungs_[depth_ - 1];
    while (rung.cursor < rung.last() && rung.buckets[rung.cursor].count == 0) ++rung.cursor;
    refill_from(rung);
  }
}

/// Sorts the rung's current bucket into the array, or opens a rung for it.
void LadderQueue::refill_from(Rung& rung) {
  EventChunks::Bucket& bucket = rung.buckets[rung.cursor];
  const std::size_t count = bucket.count;
  const std::uint64_t end = rung.end_of(rung.cursor);
  if (count <= kNearMost) {
    std::array<Event, kNearMost> events;
    if (rung.cursor < rung.last()) chunks_.prefetch(rung.buckets[rung.cursor + 1]);
    chunks_.take(bucket, events.data());
    if (near_.size() < 2 * kNearMost) near_.resize(2 * kNearMost);
    rank_sort<kNearMost>(events.data(), near_.data(), count);
    tail_ = count;
    near_end_ = end;
    if (rung.cursor++ == rung.last()) --depth_;
    return;
  }
  moving_.resize(count);
  chunks_.take(bucket, moving_.data());
  std::uint64_t earliest = kEndOfTime;
  std::uint64_t latest = 0;
  for (const Event& event : moving_) {
    earliest = std::min(earliest, event.key.time);
    latest = std::max(latest, event.key.time);
  }
  if (earliest == latest) {
    std::sort(moving_.begin(), moving_.end(), earlier);
    near_.swap(moving_);
    tail_ = count;
    near_end_ = earliest + 1;
    return;
  }
  if (rung.cursor++ == rung.last()) --depth_;
  Rung& inner = open_rung(earliest, end, moving_);
  for (const Event& event : moving_) add(inner, event);
}

}  // namespace plimsoll
