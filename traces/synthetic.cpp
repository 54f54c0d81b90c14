#include "traces/synthetic.hpp"

#include <string>
#include <utility>

#include "core/assert.hpp"
#include "traces/trace_reader.hpp"

namespace plimsoll {
namespace {

std::string arrivals_of(std::string_view path) { return std::string(path) + "/arrivals"; }

}  // namespace

SyntheticStream::SyntheticStream(const SyntheticArrivals& law,
                                 std::shared_ptr<const LengthTables> lengths, std::uint64_t seed,
                                 std::string_view path)
    : law_(law),
      lengths_(std::move(lengths)),
      gap_draws_(seed, arrivals_of(path), "gap"),
      rate_draws_(seed, arrivals_of(path), "rate"),
      length_draws_(seed, arrivals_of(path), "lengths"),
      gap_(law.shape) {
  PLIMSOLL_ASSERT(law.rate_per_second > 0 && law.rate_cv >= 0 && law.rate_window > Duration{0},
                  "rate = {}/s, rate_cv = {}, rate_window = {} ns", law.rate_per_second,
                  law.rate_cv, to_ns(law.rate_window));
  if (law.prefix) {
    prefixes_ = std::make_shared<const SharedPrefixes>(
        *law.prefix, RandomStream(seed, arrivals_of(path), "prefix"));
  }
  if (law.rate_cv > 0) multiplier_.emplace(1 / (law.rate_cv * law.rate_cv));
  enter_window(0);
}

void SyntheticStream::enter_window(std::int64_t window) {
  window_ = window;
  double rate = law_.rate_per_second;
  if (multiplier_) {
    const auto index = static_cast<std::uint64_t>(window);
    rate *= (*multiplier_)(rate_draws_, index) * (law_.rate_cv * law_.rate_cv);
  }
  gaps_per_ns_ = rate * 1e-9;
  ns_per_gap_ = gaps_per_ns_ > 0 ? 1 / gaps_per_ns_ : 0;
}

/// Moves time to the next arrival; false when the horizon comes first.
bool SyntheticStream::advance_time() {
  double gap = gap_(gap_draws_, request_) / law_.shape;
  const auto window_ns = static_cast<double>(to_ns(law_.rate_window));
  while (gap >= (window_ns - offset_ns_) * gaps_per_ns_) {
    gap -= (window_ns - offset_ns_) * gaps_per_ns_;
    enter_window(window_ + 1);
    offset_ns_ = 0;
    if (law_.horizon && window_ * law_.rate_window >= *law_.horizon) return false;
  }
  offset_ns_ += gap * ns_per_gap_;
  return true;
}

void SyntheticStream::draw_lengths(Arrival& arrival) const {
  const auto [prompt, output] = length_draws_.block(request_);
  arrival.prompt_tokens = lengths_->prompt_tokens.table.at(unit_interval(prompt));
  arrival.output_tokens = lengths_->output_tokens.table.at(unit_interval(output));
}

void SyntheticStream::next(std::vector<Arrival>& block) {
  block.clear();
  while (block.size() < kArrivalBlock) {
    if (law_.requests && std::cmp_greater_equal(request_, *law_.requests)) return;
    if (!advance_time()) return;
    Arrival arrival;
    arrival.at =
        SimTime{window_ * law_.rate_window} + Duration{static_cast<std::int64_t>(offset_ns_)};
    if (law_.horizon && arrival.at.time_since_epoch() >= *law_.horizon) return;
    draw_lengths(arrival);
    if (prefixes_) prefixes_->apply(request_, arrival);
    block.push_back(arrival);
    ++request_;
  }
}

SimTime SyntheticStream::expected_end() const {
  SimTime end = kNever;
  if (law_.horizon) end = SimTime{*law_.horizon};
  if (law_.requests) {
    const double seconds = static_cast<double>(*law_.requests) / law_.rate_per_second;
    if (seconds < to_seconds(end)) end = SimTime{from_seconds(seconds)};
  }
  return end;
}

std::unique_ptr<ArrivalStream> SyntheticStream::clone() const {
  return std::make_unique<SyntheticStream>(*this);
}

}  // namespace plimsoll
