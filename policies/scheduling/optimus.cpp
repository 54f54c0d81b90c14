// GPUs go, one by one, to the job whose end they bring nearest (Peng et al., "Optimus", EuroSys 2018): with step times
// known beforehand and the steps that remain, this is the Optimus+Oracle of Pollux's evaluation (OSDI 2021).
#include <algorithm>

#include "policies/gpu_quota.hpp"
#include "policies/placement_setting.hpp"
#include "policies/scheduling_policy.hpp"

namespace {

using namespace plimsoll;

/// A job and the workers that it is given.
struct Share {
  std::uint32_t job = 0;
  std::int32_t least = 1;  ///< workers
  std::int32_t most = 1;
  std::int32_t gpus_each = 1;
  std::int32_t workers = 0;
  double gain = 0;  ///< seconds that one worker more brings its end nearer
};

double gain_of(const JobReport& report, const Share& share) {
  if (!report.speed || share.workers >= share.most) return 0;
  const std::vector<double>& step_s = report.speed->step_s;
  const auto workers = static_cast<std::size_t>(share.workers);
  if (workers == 0 || workers >= step_s.size()) return 0;
  return (step_s[workers - 1] - step_s[workers]) * report.remaining_steps;
}

class Optimus final : public SchedulingPolicy {
 public:
  struct Config {
    PolicyConfig placement{"emptiest_first"};
    Duration review = std::chrono::seconds{60};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("placement", &Config::placement, "Rule that places a job.");
      visit("review", &Config::review, "Time after which shares are found anew.",
            above(Duration{0}));
    }
  };
  Optimus(const Config& config, const PolicyContext& context)
      : review_(config.review), rule_(config.placement, context) {}

  bool reads_reports() const override { return true; }

  void cycle(SchedulingCycle& cycle) override {
    const ClusterView& view = cycle.view();
    std::int64_t left = quota_.of(view);
    std::vector<Share> shares = contenders(view, left);
    give_out(view, left, shares);
    for (const Share& share : shares) {
      const JobView& job = view.jobs().row(share.job);
      if (job.phase == JobPhase::running && job.held_gpus() != share.workers * share.gpus_each)
        cycle.evict(share.job);
    }
    std::stable_sort(shares.begin(), shares.end(),
                     [](const Share& a, const Share& b) { return a.workers < b.workers; });
    for (const Share& share : shares) start(cycle, share);
  }

  SimTime next_review(const ClusterView&, SimTime now) const override {
    return active_.empty() ? kNever : now + review_;
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<Optimus>(*this);
  }

 private:
  /// In the order in which they get their first workers. Who may not be evicted keeps what it has of the GPUs that are
  /// `left`, and is none of them.
  std::vector<Share> contenders(const ClusterView& view, std::int64_t& left) {
    std::erase_if(active_, [&](std::uint32_t job) {
      return view.jobs().row(job).phase == JobPhase::finished;
    });
    for (; known_ < view.jobs().size(); ++known_)
      if (view.jobs().row(known_).phase != JobPhase::finished) active_.push_back(known_);
    std::vector<Share> shares;
    for (const std::uint32_t id : active_) {
      const JobView& job = view.jobs().row(id);
      if (job.phase == JobPhase::running && !job.preemptible) {
        left -= job.held_gpus();
        continue;
      }
      Share share{id, job.min_workers, job.max_workers, job.gang.front().each.gpus};
      if (!job.elastic()) {
        share.least = share.most = 1;
        share.gpus_each = job.gpus();
      }
      shares.push_back(share);
    }
    std::stable_sort(shares.begin(), shares.end(),
                     [](const Share& a, const Share& b) { return a.least < b.least; });
    return shares;
  }

  void give_out(const ClusterView& view, std::int64_t left, std::vector<Share>& shares) {
    const auto look = [&](Share& share) {
      share.gain = left < share.gpus_each ? 0 : gain_of(view.jobs().row(share.job).report, share);
    };
    for (Share& share : shares) {
      const std::int64_t gpus = std::int64_t{share.least} * share.gpus_each;
      if (gpus > left) continue;
      left -= gpus;
      share.workers = share.least;
      look(share);
    }
    while (left > 0) {
      const auto best =
          std::max_element(shares.begin(), shares.end(),
                           [](const Share& a, const Share& b) { return a.gain < b.gain; });
      if (best == shares.end() || best->gain <= 0) return;
      if (left >= best->gpus_each) {
        left -= best->gpus_each;
        ++best->workers;
      }
      look(*best);
    }
  }

  void start(SchedulingCycle& cycle, const Share& share) {
    JobView job = cycle.view().jobs().row(share.job);
    if (job.phase != JobPhase::pending) return;
    if (share.workers == 0) return cycle.not_now(share.job, {Reason::not_selected});
    if (job.elastic()) {
      job.gang.front().workers = job.min_workers = job.max_workers = share.workers;
    }
    Placement placement = rule_->place(cycle.view(), job);
    if (placement.placed()) {
      cycle.start(share.job, std::move(placement));
    } else {
      cycle.not_now(share.job, placement.why_not);
    }
  }

  Duration review_;
  OwnedPlacement rule_;
  GpuQuota quota_;
  std::vector<std::uint32_t> active_;  ///< in the order of submission
  std::uint32_t known_ = 0;            ///< jobs before it were seen
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(optimus, Optimus,
                           "GPUs one by one to the job whose end they bring nearest.")
