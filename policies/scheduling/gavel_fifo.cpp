// Jobs in the order of submission over several kinds of GPUs, as in Gavel's evaluation (Narayanan et al., OSDI 2020):
// the first that finds no kind with room keeps all behind it waiting.
#include <algorithm>

#include "policies/gpu_kind_places.hpp"
#include "policies/registry.hpp"

namespace {

using namespace plimsoll;

constexpr std::size_t kNoKind = static_cast<std::size_t>(-1);

class GavelFifo final : public SchedulingPolicy {
 public:
  struct Config {
    bool heterogeneity_aware = true;

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("heterogeneity_aware", &Config::heterogeneity_aware,
            "Each job, in order, runs on the kind that is fastest for it, and moves when that has "
            "room; else it stays "
            "where it started, on the kind that is fastest for most.");
    }
  };
  GavelFifo(const Config& config, const PolicyContext&) : config_(config) {}

  bool reads_reports() const override { return true; }

  void cycle(SchedulingCycle& cycle) override {
    const ClusterView& view = cycle.view();
    follow(view);
    const std::vector<std::size_t> kinds = assign(view);
    std::vector<std::uint32_t> first(view.facts().gpu_kinds.size(), 0);
    for (std::size_t i = 0; i < active_.size(); ++i) {
      const JobView& job = view.jobs().row(active_[i]);
      if (job.phase == JobPhase::running && kind_of(view, job) != kinds[i]) cycle.evict(active_[i]);
    }
    for (std::size_t i = 0; i < active_.size(); ++i) {
      const JobView& job = view.jobs().row(active_[i]);
      if (job.phase != JobPhase::pending) continue;
      if (kinds[i] == kNoKind) {
        cycle.not_now(active_[i], {Reason::not_selected});
        continue;
      }
      Placement placement = place_on_kind(view, job, kinds[i], first[kinds[i]]);
      if (placement.placed()) {
        cycle.start(active_[i], std::move(placement));
      } else {
        cycle.not_now(active_[i], placement.why_not);
      }
    }
  }

  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<GavelFifo>(*this);
  }

 private:
  void follow(const ClusterView& view) {
    std::erase_if(active_, [&](std::uint32_t job) {
      return view.jobs().row(job).phase == JobPhase::finished;
    });
    if (seen_ == 0) order_ = KindOrder(view.facts().gpu_kinds.size());
    for (; seen_ < view.jobs().size(); ++seen_) {
      order_.see(view.jobs().row(seen_));
      if (view.jobs().row(seen_).phase != JobPhase::finished) active_.push_back(seen_);
    }
  }

  /// By active job: the kind that it is to run on.
  std::vector<std::size_t> assign(const ClusterView& view) const {
    std::vector<double> left = gpus_by_kind(view.facts());
    const std::vector<std::size_t> order = order_.fastest_first();
    std::vector<std::size_t> kinds(active_.size(), kNoKind);
    const auto take = [&](std::size_t i, std::size_t kind) {
      kinds[i] = kind;
      left[kind] -= view.jobs().row(active_[i]).gpus();
    };
    for (std::size_t i = 0; i < active_.size() && !config_.heterogeneity_aware; ++i) {
      const JobView& job = view.jobs().row(active_[i]);
      if (job.phase == JobPhase::running) take(i, kind_of(view, job));
    }
    for (std::size_t i = 0; i < active_.size(); ++i) {
      if (kinds[i] != kNoKind) continue;
      const JobView& job = view.jobs().row(active_[i]);
      double fastest = 0;
      std::size_t best = kNoKind;
      for (const std::size_t kind : order) {
        const double speed = reported_speed(job, kind);
        if (job.gpus() > left[kind] || speed <= 0) continue;
        const bool better = best == kNoKind || (config_.heterogeneity_aware && speed > fastest);
        if (!better) continue;
        best = kind;
        fastest = speed;
      }
      if (best == kNoKind) break;
      take(i, best);
    }
    return kinds;
  }

  Config config_;
  KindOrder order_;
  std::vector<std::uint32_t> active_;  ///< in the order of submission
  std::uint32_t seen_ = 0;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(gavel_fifo, GavelFifo,
                           "In the order of submission, each job on the kind of GPU that suits it.")
