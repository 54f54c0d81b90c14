// Two queues by attained service, as in the evaluation of Pollux (OSDI 2021, section 5.2): jobs that have had more GPU
// time than a threshold come after all others. Whoever fits into the GPUs that are left runs, nobody waits for a job
// that does not. The queues of Tiresias (Gu et al., NSDI 2019) without its profiler.
#include <algorithm>

#include "policies/gpu_quota.hpp"
#include "policies/quota_selection.hpp"

namespace {

using namespace plimsoll;

class Tiresias final : public SchedulingPolicy {
 public:
  struct Config {
    Duration threshold = std::chrono::hours{16};
    PolicyConfig placement{"emptiest_first"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("threshold", &Config::threshold,
            "GPU time (GPUs x running time) after which a job is in the second queue for good.");
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  Tiresias(const Config& config, const PolicyContext& context)
      : threshold_(config.threshold), rule_(config.placement, context) {}

  void cycle(SchedulingCycle& cycle) override {
    follow(cycle.view(), cycle.now());
    QuotaSelection selection(quota_.of(cycle.view()));
    const auto each = [&](auto&& visit) {
      for (const auto* queue : {&first_, &second_})
        for (const std::uint32_t job : *queue) visit(cycle.view().jobs().row(job));
    };
    each([&](const JobView& job) {
      if (pinned(job)) selection.keep(contender(job));
    });
    each([&](const JobView& job) {
      if (!pinned(job) && !selection.consider(contender(job)))
        cycle.not_now(job.id, {Reason::not_selected});
    });
    selection.act(cycle, rule_);
  }

  /// When the next job of the first queue has had its share.
  SimTime next_review(const ClusterView& view, SimTime now) const override {
    SimTime earliest = kNever;
    for (const std::uint32_t id : first_) {
      const JobView& job = view.jobs().row(id);
      if (job.phase != JobPhase::running || job.held_gpus() == 0) continue;
      const Duration left = threshold_ - job.attained_until(now);
      const Duration wait{(left.count() + job.held_gpus() - 1) / job.held_gpus()};
      earliest = std::min(earliest, now + std::max(wait, Duration{1}));
    }
    return earliest;
  }

  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<Tiresias>(*this);
  }

 private:
  static bool pinned(const JobView& job) {
    return job.phase == JobPhase::running && !job.preemptible;
  }
  static Contender contender(const JobView& job) {
    return {job.id, job.gpus(), job.phase == JobPhase::running, job.preemptible};
  }

  /// New jobs enter the first queue, those beyond the threshold move to the end of the second, ended ones leave.
  void follow(const ClusterView& view, SimTime now) {
    const auto finished = [&](std::uint32_t job) {
      return view.jobs().row(job).phase == JobPhase::finished;
    };
    std::erase_if(first_, finished);
    std::erase_if(second_, finished);
    for (; known_ < view.jobs().size(); ++known_)
      if (!finished(known_)) first_.push_back(known_);
    std::erase_if(first_, [&](std::uint32_t job) {
      if (view.jobs().row(job).attained_until(now) < threshold_) return false;
      second_.push_back(job);
      return true;
    });
  }

  Duration threshold_;
  OwnedPlacement rule_;
  GpuQuota quota_;
  std::vector<std::uint32_t> first_;   ///< in the order of submission
  std::vector<std::uint32_t> second_;  ///< in the order in which they came beyond the threshold
  std::uint32_t known_ = 0;            ///< jobs before it were seen
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(tiresias, Tiresias,
                           "Jobs with little GPU time so far first; whoever fits, runs.")
