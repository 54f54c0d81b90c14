// Shares of time on kinds of GPUs, realised in rounds as in Gavel (Narayanan et al., OSDI 2020, section 5): in each
// round those come first that have received the least of their share; who still fits, runs.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random_stream.hpp"
#include "policies/gpu_kind_places.hpp"
#include "policies/max_min_lp.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

struct RoundSettings {
  Duration round = std::chrono::seconds{360};
  Duration least_between = std::chrono::seconds{1920};  ///< of one finding of shares and the next
  bool fastest_first = true;  ///< kinds take jobs in this order; else in one drawn anew each round
  bool only_owed = false;     ///< who has no share on a kind does not run there, though it be idle
};

/// The accounts of all jobs. A policy calls begin() each cycle, share_out() if that says so, then decide(). Copyable.
class ShareRounds {
 public:
  ShareRounds(const RoundSettings& settings, RandomStream draws)
      : settings_(settings), draws_(draws) {}

  /// Books what ran since the last cycle, and who came and went. Whether shares are to be found anew: when jobs have
  /// come or gone, but not too soon.
  bool begin(const ClusterView& view, SimTime now);
  /// Jobs that have come and not finished, in the order of submission.
  const std::vector<std::uint32_t>& active() const { return active_; }
  /// By kind.
  const std::vector<double>& gpus() const { return gpus_; }
  const KindOrder& order() const { return order_; }
  /// Takes `shares`, by active job and kind, as what is owed from now on.
  void share_out(SimTime now, const Shares& shares);
  /// Starts and evicts. A job that has come since shares were found is chosen last, and waits for them all the same:
  /// what it is chosen for stays idle.
  void decide(SchedulingCycle& cycle) const;

  SimTime next_round(SimTime now) const { return active_.empty() ? kNever : now + settings_.round; }
  /// When shares are found anew though nothing more changes.
  SimTime next_sharing(SimTime now) const;

 private:
  /// A job's account of one kind since shares were last found.
  struct Account {
    double share = 0;
    double received_s = 0;
    double deficit_s = 0;  ///< what it was owed when accounts were closed, added up
  };
  struct Claim {
    double priority = 0;
    double deficit_s = 0;
    double share = 0;
    std::uint32_t job = 0;
    std::size_t kind = 0;
  };

  void settle(const ClusterView& view, SimTime now);
  void follow(const ClusterView& view);
  std::vector<std::size_t> order_of_kinds(SimTime now) const;
  std::vector<Claim> claims(const ClusterView& view, SimTime now) const;
  std::vector<Claim> choose(const ClusterView& view, SimTime now) const;
  bool waits_for_shares(std::uint32_t job) const { return accounts_[job].empty(); }

  RoundSettings settings_;
  RandomStream draws_;
  KindOrder order_;
  std::vector<double> gpus_;                    ///< by kind
  std::vector<std::uint32_t> active_;           ///< in the order of submission
  std::vector<std::vector<Account>> accounts_;  ///< by job and kind
  std::uint32_t seen_ = 0;
  SimTime found_at_{};
  SimTime last_{};
  bool never_ = true;
  bool changed_ = false;
};

}  // namespace plimsoll
