// Gavel's minimum makespan (Narayanan et al., OSDI 2020, section 4.2): shares of time on each kind of GPU by which the
// last of the present jobs ends soonest, realised in rounds.
#include <algorithm>

#include "policies/central_shares.hpp"
#include "policies/registry.hpp"
#include "policies/share_rounds.hpp"

namespace {

using namespace plimsoll;

/// The time that Gavel's search settles on, which halves [100 s, 10^6 s] (if need be, ten times that, and so on) until
/// its ends are within 5 %: `shortest_s` or a little longer.
double searched_s(double shortest_s) {
  double low = 100, high = 1e6, end = high;
  while (high < shortest_s) {
    low = end;
    high = end *= 10;
  }
  while (1.05 * low < high) {
    const double middle = (low + high) / 2;
    (middle >= shortest_s ? high : low) = middle;
  }
  return high;
}

class GavelMakespan final : public SchedulingPolicy {
 public:
  struct Config {
    Duration round = std::chrono::seconds{360};
    Duration least_between = std::chrono::seconds{1920};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("round", &Config::round, "Time between decisions.", above(Duration{0}));
      visit("least_between", &Config::least_between,
            "Shares are found anew when jobs have come or gone, but no sooner than this.",
            at_least(Duration{0}));
    }
  };
  GavelMakespan(const Config& config, const PolicyContext& context)
      : rounds_({config.round, config.least_between, true, false},
                {context.seed, context.instance, "order of kinds"}) {}

  bool reads_reports() const override { return true; }

  void cycle(SchedulingCycle& cycle) override {
    if (rounds_.begin(cycle.view(), cycle.now()))
      rounds_.share_out(cycle.now(), shares(cycle.view()));
    rounds_.decide(cycle);
  }

  SimTime next_review(const ClusterView&, SimTime now) const override {
    return rounds_.next_round(now);
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<GavelMakespan>(*this);
  }

 private:
  /// By active job. What all of a job's time on a kind is worth is the part of its work that it does there per second,
  /// so that the level is one over the makespan.
  Shares shares(const ClusterView& view) const {
    std::vector<LikeJobs> jobs;
    for (const std::uint32_t id : rounds_.active()) {
      const JobView& job = view.jobs().row(id);
      LikeJobs& like = jobs.emplace_back();
      like.gpus = job.gpus();
      for (std::size_t k = 0; k < rounds_.gpus().size(); ++k)
        like.rate.push_back(reported_speed(job, k) / std::max(1e-9, job.report.remaining_steps));
    }
    const BestShares best = best_shares(jobs, rounds_.gpus());
    if (best.level <= 0) return best.shares;
    return central_shares(jobs, rounds_.gpus(), best, 1 / searched_s(1 / best.level));
  }

  ShareRounds rounds_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(gavel_makespan, GavelMakespan,
                           "Shares of time by which the last job present ends soonest, in rounds.")
