// Gavel's max-min fairness (Narayanan et al., OSDI 2020, section 4.1): shares of time on each kind of GPU that make the
// least well-off job as well off as can be, realised in rounds.
#include <algorithm>
#include <map>
#include <tuple>

#include "policies/central_shares.hpp"
#include "policies/registry.hpp"
#include "policies/share_rounds.hpp"

namespace {

using namespace plimsoll;

class GavelMaxMin final : public SchedulingPolicy {
 public:
  struct Config {
    Duration round = std::chrono::seconds{360};
    Duration least_between = std::chrono::seconds{1920};
    bool heterogeneity_aware = true;

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("round", &Config::round, "Time between decisions.", above(Duration{0}));
      visit("least_between", &Config::least_between,
            "Shares are found anew when jobs have come or gone, but no sooner than this.",
            at_least(Duration{0}));
      visit("heterogeneity_aware", &Config::heterogeneity_aware,
            "Weigh kinds of GPUs by the job's speed on them; else all alike.");
    }
  };
  GavelMaxMin(const Config& config, const PolicyContext& context)
      : heterogeneity_aware_(config.heterogeneity_aware),
        rounds_({config.round, config.least_between, config.heterogeneity_aware, false},
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
    return std::make_unique<GavelMaxMin>(*this);
  }

 private:
  /// By active job.
  Shares shares(const ClusterView& view) const {
    using Key = std::tuple<std::int32_t, std::int32_t, std::vector<double>>;
    const std::vector<double>& gpus = rounds_.gpus();
    std::map<Key, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < rounds_.active().size(); ++i) {
      const JobView& job = view.jobs().row(rounds_.active()[i]);
      std::vector<double> speeds;
      for (std::size_t k = 0; k < gpus.size(); ++k)
        speeds.push_back(heterogeneity_aware_ ? reported_speed(job, k)
                         : may_run_on(job, k) ? 1
                                              : 0);
      groups[{job.gpus(), std::max(1, job.priority), std::move(speeds)}].push_back(i);
    }
    std::vector<LikeJobs> classes;
    for (const auto& [key, jobs] : groups) {
      const auto& [of_job, weight, speeds] = key;
      classes.push_back({static_cast<double>(jobs.size()), static_cast<double>(of_job),
                         max_min_rates(speeds, of_job, weight, gpus)});
    }
    const BestShares best = best_shares(classes, gpus);
    const Shares of_class = central_shares(classes, gpus, best, best.level);
    Shares all(rounds_.active().size());
    auto share = of_class.begin();
    for (const auto& [key, jobs] : groups) {
      for (const std::size_t i : jobs) all[i] = *share;
      ++share;
    }
    return all;
  }

  bool heterogeneity_aware_;
  ShareRounds rounds_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(gavel_max_min, GavelMaxMin,
                           "Max-min fair shares of time on each kind of GPU, in rounds.")
