// Jobs in the order of submission over several kinds of GPUs, as in Gavel's evaluation (Narayanan et al., OSDI 2020):
// the first that finds no kind with room keeps all behind it waiting.
#include <algorithm>
#include <map>

#include "policies/registry.hpp"
#include "policies/share_rounds.hpp"

namespace {

using namespace plimsoll;

class GavelFifo final : public SchedulingPolicy {
 public:
  struct Config {
    Duration round = std::chrono::seconds{360};
    Duration least_between = std::chrono::seconds{1920};
    bool heterogeneity_aware = true;

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("round", &Config::round, "Time between decisions.", above(Duration{0}));
      visit("least_between", &Config::least_between,
            "Kinds are given anew when jobs have come or gone, but no sooner than this.",
            at_least(Duration{0}));
      visit("heterogeneity_aware", &Config::heterogeneity_aware,
            "Each job, in order, runs on the kind that is fastest for it, and moves when that has "
            "room. Else it keeps its kind, and that is found as Gavel's program finds it, which at "
            "times goes on giving one that is full: its jobs then take turns.");
    }
  };
  GavelFifo(const Config& config, const PolicyContext& context)
      : heterogeneity_aware_(config.heterogeneity_aware),
        draws_(context.seed, context.instance, "kinds to forget"),
        rounds_({config.round, config.least_between, config.heterogeneity_aware, true},
                {context.seed, context.instance, "order of kinds"}) {}

  bool reads_reports() const override { return true; }

  void cycle(SchedulingCycle& cycle) override {
    const ClusterView& view = cycle.view();
    if (rounds_.begin(view, cycle.now())) {
      left_ = rounds_.gpus();
      if (heterogeneity_aware_) {
        give_fastest(view);
      } else {
        keep(view);
        give_last(view);
      }
      rounds_.share_out(cycle.now(), shares());
    }
    rounds_.decide(cycle);
  }

  SimTime next_review(const ClusterView&, SimTime now) const override {
    const bool turns =
        std::any_of(left_.begin(), left_.end(), [](double gpus) { return gpus < 0; });
    return turns ? rounds_.next_round(now) : rounds_.next_sharing(now);
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<GavelFifo>(*this);
  }

 private:
  Shares shares() const {
    Shares all;
    for (const std::uint32_t job : rounds_.active()) {
      all.emplace_back(rounds_.gpus().size(), 0.0);
      const auto given = kinds_.find(job);
      if (given != kinds_.end()) all.back()[given->second] = 1;
    }
    return all;
  }

  void give(const JobView& job, std::size_t kind) {
    kinds_[job.id] = kind;
    left_[kind] -= job.gpus();
  }

  void give_fastest(const ClusterView& view) {
    kinds_.clear();
    for (const std::uint32_t id : rounds_.active()) {
      const JobView& job = view.jobs().row(id);
      bool fits = false;
      std::size_t best = 0;
      for (std::size_t k = 0; k < left_.size(); ++k) {
        if (job.gpus() > left_[k] || !may_run_on(job, k)) continue;
        if (!fits || reported_speed(job, k) > reported_speed(job, best)) best = k;
        fits = true;
      }
      if (!fits) return;
      if (reported_speed(job, best) > 0) give(job, best);
    }
  }

  /// Whose kind is given stays there. As jobs go, by age, each leaves its kind to the first in the queue, if that fits
  /// beside those that are older.
  void keep(const ClusterView& view) {
    auto next = std::find_if(rounds_.active().begin(), rounds_.active().end(),
                             [&](std::uint32_t job) { return !kinds_.contains(job); });
    const std::map<std::uint32_t, std::size_t> before = kinds_;
    for (const auto& [id, kind] : before) {
      if (view.jobs().row(id).phase != JobPhase::finished) {
        left_[kind] -= view.jobs().row(id).gpus();
        continue;
      }
      kinds_.erase(id);
      if (next == rounds_.active().end()) continue;
      const JobView& job = view.jobs().row(*next);
      if (job.gpus() > left_[kind] || reported_speed(job, kind) <= 0) continue;
      give(job, kind);
      ++next;
    }
  }

  /// Gives each job the last of the kinds that had room at first. When that runs full, a kind with room, which may be
  /// another, is taken off the list.
  void give_last(const ClusterView& view) {
    std::vector<std::size_t> kinds;
    for (std::size_t k = 0; k < left_.size(); ++k)
      if (left_[k] > 0) kinds.push_back(k);
    for (const std::uint32_t id : rounds_.active()) {
      if (kinds_.contains(id)) continue;
      if (kinds.empty()) return;
      const JobView& job = view.jobs().row(id);
      std::vector<std::size_t> with_room;
      for (const std::size_t k : kinds)
        if (job.gpus() <= left_[k]) with_room.push_back(k);
      if (with_room.empty()) return;
      const std::uint32_t drawn =
          below(static_cast<std::uint32_t>(with_room.size()), draws_.bits(drawn_++));
      const std::size_t last = kinds.back();
      if (reported_speed(job, last) <= 0) continue;
      give(job, last);
      if (left_[last] == 0) std::erase(kinds, with_room[drawn]);
    }
  }

  bool heterogeneity_aware_;
  RandomStream draws_;
  std::uint64_t drawn_ = 0;
  ShareRounds rounds_;
  std::vector<double> left_;                    ///< GPUs by kind; below 0: its jobs take turns
  std::map<std::uint32_t, std::size_t> kinds_;  ///< by job
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(gavel_fifo, GavelFifo,
                           "In the order of submission, each job on the kind of GPU that suits it.")
