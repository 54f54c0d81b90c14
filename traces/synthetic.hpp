// A synthetic workload: gamma renewal arrivals under a slowly varying rate, lengths from quantile tables.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/distributions.hpp"
#include "core/random_stream.hpp"
#include "traces/length_tables.hpp"
#include "traces/shared_prefixes.hpp"
#include "workloads/arrival_stream.hpp"

namespace plimsoll {

struct SyntheticArrivals {
  double rate_per_second = 1;  ///< long-run mean, > 0
  double shape = 1;    ///< of the gamma inter-arrival law, > 0; 1 is Poisson, below 1 is burstier
  double rate_cv = 0;  ///< coefficient of variation of the rate between rate windows, >= 0
  Duration rate_window{60'000'000'000};   ///< > 0
  std::optional<std::int64_t> requests;   ///< ends after so many
  std::optional<Duration> horizon;        ///< no arrival at or after it
  std::optional<SharedPrefixLaw> prefix;  ///< prompts that begin alike
};

/// The rate is constant on windows [k W, (k + 1) W): the mean rate times a gamma variate of mean 1. Gaps are gamma
/// variates of mean 1 in the integral of that rate, so that a gap across windows is exact. Draws are addressed by the
/// request's index and the window's index: what one request gets depends on no other's draws.
class SyntheticStream final : public ArrivalStream {
 public:
  /// `path` names the stream's entity, e.g. "pools/chat". All clones of a stream share the immutable tables.
  SyntheticStream(const SyntheticArrivals& law, std::shared_ptr<const LengthTables> lengths,
                  std::uint64_t seed, std::string_view path);

  void next(std::vector<Arrival>& block) override;
  SimTime expected_end() const override;
  std::shared_ptr<const PrefixBlocks> prefix_blocks() const override {
    return prefixes_ ? prefixes_->blocks() : nullptr;
  }
  std::unique_ptr<ArrivalStream> clone() const override;

 private:
  void enter_window(std::int64_t window);
  bool advance_time();
  void draw_lengths(Arrival& arrival) const;

  SyntheticArrivals law_;
  std::shared_ptr<const LengthTables> lengths_;
  std::shared_ptr<const SharedPrefixes> prefixes_;  ///< shared by all clones; null: none
  RandomStream gap_draws_;
  RandomStream rate_draws_;
  RandomStream length_draws_;
  GammaDistribution gap_;
  std::optional<GammaDistribution> multiplier_;  ///< none for a constant rate

  std::uint64_t request_ = 0;  ///< index of the next request
  std::int64_t window_ = 0;    ///< index of the rate window that the last arrival is in
  double offset_ns_ = 0;       ///< of the last arrival, in that window
  double gaps_per_ns_ = 0;     ///< mean gaps per nanosecond in that window
  double ns_per_gap_ = 0;      ///< its inverse
};

}  // namespace plimsoll
