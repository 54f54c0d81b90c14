// Slurm's multifactor priority with backfill: age, fair share, size and quality of service, each from 0 to 1, weighted
// and added (Slurm, "Multifactor Priority Plugin"). The fair share is that of Fair Tree over one level of users with
// equal shares: who has used least, of usage that decays, ranks highest.
#include <algorithm>
#include <numeric>

#include "core/config/suggest.hpp"
#include "policies/decayed_usage.hpp"
#include "policies/easy_reservation.hpp"
#include "policies/gpu_quota.hpp"
#include "policies/pending_jobs.hpp"
#include "policies/reservation_plan.hpp"

namespace {

using namespace plimsoll;

struct BySubmission {
  std::int32_t operator()(const JobView&) const { return 0; }
};

class SlurmMultifactor final : public SchedulingPolicy {
 public:
  struct Config {
    double age_weight = 1000;
    double fairshare_weight = 10000;
    double size_weight = 1000;
    double qos_weight = 10000;
    bool favor_small = false;
    Duration max_age = std::chrono::hours{7 * 24};
    Duration half_life = std::chrono::hours{7 * 24};
    std::string backfill = "conservative";
    std::int32_t depth = 500;
    Duration window = std::chrono::hours{24};
    EstimateKind estimate = EstimateKind::user;
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("age_weight", &Config::age_weight, "Weight of the time pending.", at_least(0.0));
      visit("fairshare_weight", &Config::fairshare_weight, "Weight of the user's fair share.",
            at_least(0.0));
      visit("size_weight", &Config::size_weight, "Weight of the job's GPUs.", at_least(0.0));
      visit("qos_weight", &Config::qos_weight, "Weight of the job's priority.", at_least(0.0));
      visit("favor_small", &Config::favor_small,
            "Small jobs, not large ones, have the larger size factor.");
      visit("max_age", &Config::max_age, "Time pending at which the factor is 1.",
            above(Duration{0}));
      visit("half_life", &Config::half_life, "In which usage counts half.", above(Duration{0}));
      visit("backfill", &Config::backfill, "none, easy or conservative.");
      visit("depth", &Config::depth, "Pending jobs that backfill looks at; 0: all.", at_least(0));
      visit("window", &Config::window, "How far ahead conservative backfill plans; 0: no limit.",
            at_least(Duration{0}));
      visit("estimate", &Config::estimate, kEstimateDoc);
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  SlurmMultifactor(Config config, const PolicyContext& context)
      : config_(std::move(config)),
        rule_(config_.placement, context),
        easy_(config_.placement, context, config_.depth),
        plan_(config_.placement, context, {config_.depth, config_.window}),
        usage_(config_.half_life) {
    const std::vector<std::string> known{"conservative", "easy", "none"};
    if (std::find(known.begin(), known.end(), config_.backfill) == known.end()) {
      throw ConfigError(Position{}, "slurm_multifactor.backfill: " +
                                        unknown_name("kind of backfill", config_.backfill, known));
    }
  }

  EstimateKind estimates() const override { return estimate(); }

  void cycle(SchedulingCycle& cycle) override {
    const std::vector<std::uint32_t> order = by_priority(cycle.view(), cycle.now());
    const auto itself = [](std::uint32_t job) { return job; };
    if (config_.backfill == "easy") return easy_.run(cycle, order, itself);
    if (config_.backfill == "conservative") return plan_.run(cycle, order, itself);
    for (const std::uint32_t job : order) {
      Placement placement = rule_->place(cycle.view(), cycle.view().jobs().row(job));
      if (!placement.placed()) return cycle.not_now(job, placement.why_not);
      cycle.start(job, std::move(placement));
    }
  }

  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<SlurmMultifactor>(*this);
  }

 private:
  EstimateKind estimate() const {
    return config_.backfill == "none" ? EstimateKind::none : config_.estimate;
  }

  /// By user, from 0 to 1: the share of users who have used more.
  std::vector<double> fair_shares(const ClusterView& view, SimTime now) {
    const std::vector<double>& usage = usage_.of(view, now);
    std::vector<double> sorted = usage;
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> shares;
    for (const double used : usage) {
      const auto not_less = sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), used);
      shares.push_back(static_cast<double>(not_less) / static_cast<double>(usage.size()));
    }
    return shares;
  }

  std::vector<std::uint32_t> by_priority(const ClusterView& view, SimTime now) {
    const auto shares = fair_shares(view, now);
    const auto gpus = static_cast<double>(std::max<std::int64_t>(1, quota_.of(view)));
    std::vector<std::pair<std::int64_t, std::uint32_t>>
        ranked;  // Slurm's priorities are whole numbers
    const auto& pending = pending_.of(view);
    double highest_qos = 1;
    for (const auto& place : pending) {
      highest_qos = std::max(highest_qos, double(view.jobs().row(place.second).priority));
    }
    for (const auto& place : pending) {
      const JobView& job = view.jobs().row(place.second);
      const double age =
          std::min(1.0, to_seconds(now - job.submitted_at) / to_seconds(config_.max_age));
      const double size = std::min(1.0, job.gpus() / gpus);
      const double priority = config_.age_weight * age +
                              config_.fairshare_weight * shares[job.user] +
                              config_.size_weight * (config_.favor_small ? 1 - size : size) +
                              config_.qos_weight * std::max(0.0, job.priority / highest_qos);
      ranked.emplace_back(-static_cast<std::int64_t>(priority), job.id);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::uint32_t> order;
    for (const auto& [priority, job] : ranked) order.push_back(job);
    return order;
  }

  Config config_;
  OwnedPlacement rule_;
  EasyReservation easy_;
  ReservationPlan plan_;
  DecayedUsage usage_;
  GpuQuota quota_;
  PendingJobs<BySubmission> pending_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(slurm_multifactor, SlurmMultifactor,
                           "Slurm: weighted age, fair share, size and priority, with backfill.")
