// Order statistics by counting: a first pass counts values in buckets of 0.1 %; each later pass splits the bucket
// that holds a wanted rank into up to 2^15 pieces, until a piece is one value. A progression is counted piece by
// piece in closed form.
#include "results/quantiles.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/assert.hpp"

namespace plimsoll {
namespace {

constexpr std::int64_t kValueLimit = std::int64_t{1} << 62;
constexpr std::size_t kStretches = 32;
constexpr double kStudent31 = 2.0395;  // 97.5 % point of Student's t with 31 degrees of freedom

/// `weight` times each of first, first + slope, ...: not falling, `count` >= 1 of them.
struct Progression {
  std::int64_t first;
  std::int64_t slope;
  std::int64_t count;
  std::uint64_t weight;

  std::int64_t last() const { return first + slope * (count - 1); }
  /// How many of them are below `limit`.
  std::int64_t below(std::int64_t limit) const {
    if (last() < limit) return count;
    return first >= limit ? 0 : (limit - first + slope - 1) / slope;
  }
  /// Without the first `skipped`.
  Progression after(std::int64_t skipped) const {
    return {first + slope * skipped, slope, count - skipped, weight};
  }
};

Progression progression(std::int64_t value) { return {value, 0, 1, 1}; }

Progression progression(const ItlRun& run) {
  const std::int64_t last = run.start_ticks + run.slope_ticks * (std::int64_t{run.count} - 1);
  if (run.slope_ticks < 0) return {last, -run.slope_ticks, run.count, run.sequences};
  return {run.start_ticks, run.slope_ticks, run.count, run.sequences};
}

/// Buckets of equal relative width: whole numbers below 2^11 have their own, above it the top 11 bits count.
struct LogGrid {
  static constexpr int kBits = 10;
  static constexpr std::size_t kSize = (62 - kBits + 1) << kBits;

  static std::size_t bucket(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    const int shift = std::max(0, static_cast<int>(std::bit_width(bits)) - kBits - 1);
    return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(bits >> shift);
  }
  static std::int64_t low(std::size_t bucket) {
    const std::size_t shift = bucket < (2u << kBits) ? 0 : (bucket >> kBits) - 1;
    return static_cast<std::int64_t>((bucket - (shift << kBits)) << shift);
  }
};

/// [low, low + width) in pieces of 2^shift.
struct Window {
  std::int64_t low = 0;
  std::int64_t width = 1;
  std::uint64_t below = 0;  ///< how many values are smaller than `low`
  int shift = 0;
  std::vector<std::uint64_t> counts;

  std::size_t bucket(std::int64_t value) const {
    return static_cast<std::size_t>((value - low) >> shift);
  }
  std::int64_t piece_low(std::size_t piece) const {
    return low + (static_cast<std::int64_t>(piece) << shift);
  }
};

/// Adds a progression to `counts`: one step per bucket that it touches. `next(b)` is where bucket b + 1 begins.
template <class Bucket, class Next>
void count_by_bucket(Progression values, std::vector<std::uint64_t>& counts, Bucket bucket_of,
                     Next next) {
  while (values.count > 0) {
    const std::size_t bucket = bucket_of(values.first);
    const std::int64_t here = values.count == 1 ? 1 : values.below(next(bucket));
    counts[bucket] += static_cast<std::uint64_t>(here) * values.weight;
    values = values.after(here);
  }
}

void count_in_window(Progression values, Window& window) {
  values = values.after(values.below(window.low));
  values.count = values.below(window.low + window.width);
  count_by_bucket(
      values, window.counts, [&](std::int64_t value) { return window.bucket(value); },
      [&](std::size_t piece) { return window.piece_low(piece + 1); });
}

/// Finds the first bucket at which the running sum exceeds `rank`; `below` becomes the sum before it.
std::size_t find_rank(const std::vector<std::uint64_t>& counts, std::uint64_t rank,
                      std::uint64_t& below) {
  std::size_t bucket = 0;
  while (below + counts[bucket] <= rank) below += counts[bucket++];
  return bucket;
}

void prepare(Window& window) {
  constexpr int kPieceBits = 15;
  const auto widest = static_cast<std::uint64_t>(window.width - 1);
  window.shift = std::max(0, static_cast<int>(std::bit_width(widest)) - kPieceBits);
  window.counts.assign(static_cast<std::size_t>(widest >> window.shift) + 1, 0);
}

/// The piece of `window` that holds `rank`.
Window zoom(const Window& window, std::uint64_t rank) {
  Window piece;
  piece.below = window.below;
  const std::size_t index = find_rank(window.counts, rank, piece.below);
  piece.low = window.piece_low(index);
  piece.width = std::int64_t{1} << window.shift;
  return piece;
}

/// The distinct windows among one per rank, in order of value.
std::vector<Window> distinct(std::vector<Window> windows) {
  const auto by_low = [](const Window& a, const Window& b) { return a.low < b.low; };
  std::sort(windows.begin(), windows.end(), by_low);
  const auto same = [](const Window& a, const Window& b) { return a.low == b.low; };
  windows.erase(std::unique(windows.begin(), windows.end(), same), windows.end());
  return windows;
}

/// Most items meet no window: one test without branches says so.
bool meets_any(const Progression& values, std::span<const std::int64_t> lows,
               std::span<const std::int64_t> ends) {
  const std::int64_t first = values.first;
  const std::int64_t last = values.last();
  int begun = 0;
  for (std::size_t k = 0; k < lows.size(); ++k) begun += (last >= lows[k]) - (first >= ends[k]);
  return begun != 0;
}

template <class Item>
void count_items(std::span<const Item> items, std::vector<Window>& windows) {
  std::vector<std::int64_t> lows;
  std::vector<std::int64_t> ends;
  for (const Window& window : windows) {
    lows.push_back(window.low);
    ends.push_back(window.low + window.width);
  }
  for (const Item& item : items) {
    const Progression values = progression(item);
    if (!meets_any(values, lows, ends)) continue;
    for (Window& window : windows) count_in_window(values, window);
  }
}

/// How many values of each of the 32 stretches of `items` there are, and how many of them are below `limit`.
struct Stretch {
  double size = 0;
  double below = 0;
};

template <class Item>
void add_stretches(std::span<const Item> items, std::int64_t limit,
                   std::array<Stretch, kStretches>& stretches) {
  for (std::size_t k = 0; k < kStretches; ++k) {
    const std::size_t end = items.size() * (k + 1) / kStretches;
    std::uint64_t size = 0;
    std::uint64_t below = 0;
    for (std::size_t i = items.size() * k / kStretches; i < end; ++i) {
      const Progression values = progression(items[i]);
      size += static_cast<std::uint64_t>(values.count) * values.weight;
      below += static_cast<std::uint64_t>(values.below(limit)) * values.weight;
    }
    stretches[k].size += static_cast<double>(size);
    stretches[k].below += static_cast<double>(below);
  }
}

}  // namespace

Distribution::Distribution() : counts_(LogGrid::kSize) {}

void Distribution::add(std::span<const std::int64_t> values) {
  for (const std::int64_t value : values) {
    PLIMSOLL_ASSERT(value >= 0 && value < kValueLimit, "value = {}", value);
    ++counts_[LogGrid::bucket(value)];
  }
  size_ += values.size();
  values_.push_back(values);
}

void Distribution::add(std::span<const ItlRun> runs) {
  for (const ItlRun& run : runs) {
    if (run.count == 0) continue;
    const Progression gaps = progression(run);
    PLIMSOLL_ASSERT(gaps.first >= 0 && gaps.last() < kValueLimit, "start = {}, slope = {}, n = {}",
                    run.start_ticks, run.slope_ticks, run.count);
    count_by_bucket(gaps, counts_, LogGrid::bucket,
                    [](std::size_t bucket) { return LogGrid::low(bucket + 1); });
    size_ += std::uint64_t{run.count} * run.sequences;
  }
  runs_.push_back(runs);
}

std::vector<std::int64_t> Distribution::order_statistics(
    std::span<const std::uint64_t> ranks) const {
  std::vector<Window> of_rank(ranks.size());
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    PLIMSOLL_ASSERT(ranks[i] < size_, "rank = {}, size = {}", ranks[i], size_);
    const std::size_t bucket = find_rank(counts_, ranks[i], of_rank[i].below);
    of_rank[i].low = LogGrid::low(bucket);
    of_rank[i].width = LogGrid::low(bucket + 1) - of_rank[i].low;
  }
  const auto open = [](const Window& window) { return window.width > 1; };
  while (std::any_of(of_rank.begin(), of_rank.end(), open)) {
    std::vector<Window> windows = distinct(of_rank);
    std::for_each(windows.begin(), windows.end(), prepare);
    for (const auto& values : values_) count_items(values, windows);
    for (const auto& runs : runs_) count_items(runs, windows);
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      const auto low = of_rank[i].low;
      const auto window = std::find_if(windows.begin(), windows.end(),
                                       [&](const Window& each) { return each.low == low; });
      of_rank[i] = zoom(*window, ranks[i]);
    }
  }
  std::vector<std::int64_t> result;
  for (const Window& window : of_rank) result.push_back(window.low);
  return result;
}

std::vector<double> Distribution::quantiles(std::span<const double> shares) const {
  if (size_ == 0) return {};
  std::vector<std::uint64_t> ranks;
  std::vector<double> fractions;
  for (const double share : shares) {
    const double at = static_cast<double>(size_ - 1) * share;
    const auto rank = static_cast<std::uint64_t>(at);
    ranks.push_back(rank);
    ranks.push_back(std::min(rank + 1, size_ - 1));
    fractions.push_back(at - static_cast<double>(rank));
  }
  const std::vector<std::int64_t> values = order_statistics(ranks);
  std::vector<double> result;
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    const auto step = static_cast<double>(values[2 * i + 1] - values[2 * i]);
    result.push_back(static_cast<double>(values[2 * i]) + step * fractions[i]);
  }
  return result;
}

Distribution::Interval Distribution::interval_95(double share, double estimate) const {
  const std::optional<double> inflation = variance_inflation(estimate, share);
  if (!inflation) return {};
  const auto size = static_cast<double>(size_);
  const double spread = kStudent31 * std::sqrt(size * share * (1 - share) * *inflation);
  const double low = std::ceil(size * share - spread) - 1;
  const double high = std::ceil(size * share + spread) - 1;
  Interval interval;
  if (low >= 0) interval.low = near_rank(static_cast<std::uint64_t>(low));
  if (high < size) {
    std::uint64_t below = 0;
    const auto bucket = find_rank(counts_, static_cast<std::uint64_t>(high), below);
    interval.high = LogGrid::low(bucket + 1) - 1;
  }
  return interval;
}

std::optional<double> Distribution::variance_inflation(double value, double share) const {
  std::array<Stretch, kStretches> stretches;
  std::size_t items = 0;
  const auto limit = static_cast<std::int64_t>(std::ceil(value));
  for (const auto& values : values_) {
    add_stretches(values, limit, stretches);
    items += values.size();
  }
  for (const auto& runs : runs_) {
    add_stretches(runs, limit, stretches);
    items += runs.size();
  }
  if (items < 2 * kStretches) return std::nullopt;
  double squares = 0;
  for (const Stretch& stretch : stretches) {
    const double residual = stretch.below - share * stretch.size;
    squares += residual * residual;
  }
  const double variance = squares * kStretches / (kStretches - 1);
  return std::max(1.0, variance / (static_cast<double>(size_) * share * (1 - share)));
}

std::int64_t Distribution::near_rank(std::uint64_t rank) const {
  PLIMSOLL_ASSERT(rank < size_, "rank = {}, size = {}", rank, size_);
  std::uint64_t below = 0;
  return LogGrid::low(find_rank(counts_, rank, below));
}

std::optional<double> itl_quantile(std::span<const ItlRun> runs, double share) {
  Distribution gaps;
  gaps.add(runs);
  const std::vector<double> quantile = gaps.quantiles(std::span(&share, 1));
  if (quantile.empty()) return std::nullopt;
  return quantile.front() / kItlTicksPerSecond;
}

}  // namespace plimsoll
