// Gavel (Narayanan et al., OSDI 2020): shares of time on each kind of GPU by max-min fairness, realised in rounds. In
// each round those come first that have received the least of their share; who still fits, runs.
#include <algorithm>
#include <map>
#include <tuple>

#include "core/random_stream.hpp"
#include "policies/gpu_kind_places.hpp"
#include "policies/max_min_lp.hpp"
#include "policies/registry.hpp"

namespace {

using namespace plimsoll;

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
            "Weigh kinds of GPUs by the job's speed on them; else all that it can run on alike.");
    }
  };
  GavelMaxMin(const Config& config, const PolicyContext& context)
      : config_(config), draws_(context.seed, context.instance, "order of kinds") {}

  bool reads_reports() const override { return true; }

  void cycle(SchedulingCycle& cycle) override {
    const ClusterView& view = cycle.view();
    count_gpus(view);
    settle(view, cycle.now());
    follow(view);
    const bool due = never_ || cycle.now() - found_at_ >= config_.least_between;
    if (changed_ && due) find_shares(view, cycle.now());
    decide(cycle);
    last_ = cycle.now();
  }

  SimTime next_review(const ClusterView&, SimTime now) const override {
    return active_.empty() ? kNever : now + config_.round;
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<GavelMaxMin>(*this);
  }

 private:
  void count_gpus(const ClusterView& view) {
    if (!gpus_.empty()) return;
    gpus_ = gpus_by_kind(view.facts());
    worked_s_.resize(gpus_.size(), 0);
    order_ = KindOrder(gpus_.size());
  }

  /// Books what ran since the last round.
  void settle(const ClusterView& view, SimTime now) {
    const double round_s = to_seconds(now - last_);
    for (const std::uint32_t id : active_) {
      const JobView& job = view.jobs().row(id);
      if (job.phase != JobPhase::running) continue;
      const std::size_t kind = kind_of(view, job);
      accounts_[id][kind].received_s += round_s;
      worked_s_[kind] += round_s;
    }
  }

  void follow(const ClusterView& view) {
    const std::size_t gone = std::erase_if(active_, [&](std::uint32_t job) {
      return view.jobs().row(job).phase == JobPhase::finished;
    });
    changed_ = changed_ || gone > 0 || seen_ < view.jobs().size();
    accounts_.resize(view.jobs().size());
    for (; seen_ < view.jobs().size(); ++seen_) {
      order_.see(view.jobs().row(seen_));
      if (view.jobs().row(seen_).phase != JobPhase::finished) active_.push_back(seen_);
    }
  }

  double speed(const JobView& job, std::size_t kind) const {
    const double steps = reported_speed(job, kind);
    return config_.heterogeneity_aware ? steps : (steps > 0 ? 1 : 0);
  }

  void find_shares(const ClusterView& view, SimTime now) {
    using Key = std::tuple<std::int32_t, std::int32_t, std::vector<double>>;
    std::map<Key, std::vector<std::uint32_t>> groups;
    for (const std::uint32_t id : active_) {
      const JobView& job = view.jobs().row(id);
      std::vector<double> speeds;
      for (std::size_t k = 0; k < gpus_.size(); ++k) speeds.push_back(speed(job, k));
      groups[{job.gpus(), job.priority, std::move(speeds)}].push_back(id);
    }
    std::vector<LikeJobs> classes;
    for (const auto& [key, jobs] : groups) {
      const auto& [gpus, priority, speeds] = key;
      classes.push_back({static_cast<double>(jobs.size()), static_cast<double>(gpus),
                         static_cast<double>(std::max(1, priority)), speeds});
    }
    const auto shares = max_min_shares(classes, gpus_);
    std::fill(worked_s_.begin(), worked_s_.end(), 0.0);
    const double elapsed_s = to_seconds(now - found_at_);
    const double start_s = to_seconds(config_.round) / 2;
    std::size_t c = 0;
    for (const auto& [key, jobs] : groups) {
      for (const std::uint32_t job : jobs) {
        accounts_[job].resize(gpus_.size());
        for (std::size_t k = 0; k < gpus_.size(); ++k) {
          Account& account = accounts_[job][k];
          account.deficit_s +=
              account.share * elapsed_s - std::max(0.0, account.received_s - start_s);
          account.share = shares[c][k];
          account.received_s = start_s;
          worked_s_[k] += start_s;
        }
      }
      ++c;
    }
    found_at_ = now;
    never_ = changed_ = false;
  }

  /// The kinds in the order in which they take their jobs: the one that speeds jobs up most first; drawn anew each
  /// round where speeds are not to count.
  std::vector<std::size_t> order_of_kinds(SimTime now) const {
    if (config_.heterogeneity_aware) return order_.fastest_first();
    std::vector<std::pair<double, std::size_t>> drawn;
    for (std::size_t k = 0; k < gpus_.size(); ++k)
      drawn.emplace_back(draws_.uniform(static_cast<std::uint64_t>(to_ns(now)), k), k);
    std::sort(drawn.begin(), drawn.end());
    std::vector<std::size_t> order;
    for (const auto& [draw, kind] : drawn) order.push_back(kind);
    return order;
  }

  /// Kind by kind, on each those first that have received the least of their share.
  std::vector<Claim> claims(const ClusterView& view, SimTime now) const {
    constexpr double kNothingYet = 1e9;
    std::vector<Claim> all;
    for (const std::size_t k : order_of_kinds(now)) {
      const auto first = static_cast<std::ptrdiff_t>(all.size());
      for (const std::uint32_t job : active_) {
        if (accounts_[job].empty() || speed(view.jobs().row(job), k) <= 0) continue;
        const Account& account = accounts_[job][k];
        const double fraction = worked_s_[k] > 0 ? account.received_s / worked_s_[k] : 0;
        const double priority = account.share * (fraction > 0 ? 1 / fraction : kNothingYet);
        all.push_back({priority, account.deficit_s, account.share, job, k});
      }
      std::stable_sort(all.begin() + first, all.end(), [](const Claim& a, const Claim& b) {
        return std::tie(a.priority, a.deficit_s, a.share) >
               std::tie(b.priority, b.deficit_s, b.share);
      });
    }
    return all;
  }

  void decide(SchedulingCycle& cycle) {
    const ClusterView& view = cycle.view();
    std::vector<double> left = gpus_;
    std::vector<bool> chosen(view.jobs().size(), false);
    std::vector<Claim> starting;
    std::vector<std::uint32_t> keeping;
    for (const Claim& claim : claims(view, cycle.now())) {
      const JobView& job = view.jobs().row(claim.job);
      if (chosen[claim.job] || job.gpus() > left[claim.kind]) continue;
      chosen[claim.job] = true;
      left[claim.kind] -= job.gpus();
      const bool stays = job.phase == JobPhase::running && kind_of(view, job) == claim.kind;
      if (!stays) starting.push_back(claim);
      if (stays) keeping.push_back(claim.job);
    }
    std::vector<bool> stays(view.jobs().size(), false);
    for (const std::uint32_t job : keeping) stays[job] = true;
    for (const std::uint32_t job : active_) {
      if (view.jobs().row(job).phase == JobPhase::running && !stays[job]) cycle.evict(job);
      if (!chosen[job]) cycle.not_now(job, {Reason::not_selected});
    }
    std::vector<std::uint32_t> first(gpus_.size(), 0);
    for (const Claim& claim : starting) {
      Placement placement =
          place_on_kind(view, view.jobs().row(claim.job), claim.kind, first[claim.kind]);
      if (placement.placed()) {
        cycle.start(claim.job, std::move(placement));
      } else {
        cycle.not_now(claim.job, placement.why_not);
      }
    }
  }

  Config config_;
  RandomStream draws_;
  KindOrder order_;
  std::vector<double> gpus_;           ///< by kind
  std::vector<double> worked_s_;       ///< by kind: of all jobs, since shares were found
  std::vector<std::uint32_t> active_;  ///< in the order of submission
  std::vector<std::vector<Account>>
      accounts_;  ///< by job and kind; a job without one waits for shares
  std::uint32_t seen_ = 0;
  SimTime found_at_{};
  SimTime last_{};
  bool never_ = true;
  bool changed_ = false;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(gavel_max_min, GavelMaxMin,
                           "Max-min fair shares of time on each kind of GPU, in rounds.")
