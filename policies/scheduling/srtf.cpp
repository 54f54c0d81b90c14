// Shortest remaining time first, with preemption: whoever is nearest to its end runs, as far as the GPUs reach.
#include "policies/estimate_setting.hpp"
#include "policies/gpu_quota.hpp"
#include "policies/ranked_jobs.hpp"

namespace {

using namespace plimsoll;

/// What is left of a job, in nanoseconds, or in those times its GPUs.
class RemainingWork {
 public:
  struct Note {
    SimTime since{};  ///< when a running job had `left` left
    Duration left{};
    std::int32_t gpus = 1;
    bool running = false;
  };

  explicit RemainingWork(bool times_gpus) : times_gpus_(times_gpus) {}

  Note note(const JobView& job) const {
    const Duration left = remaining_estimate(job, job.started_at);
    return {job.started_at, left, times_gpus_ ? job.gpus() : 1, job.phase == JobPhase::running};
  }
  std::int64_t rank(const Note& note, SimTime now) const {
    if (note.left == Duration::max()) return note.left.count();
    const Duration left = note.running ? note.left - (now - note.since) : note.left;
    return std::max(left, Duration{}).count() * note.gpus;
  }
  /// Who runs on as many GPUs works as fast: by expected end.
  Lane lane(const Note& note) const {
    const SimTime end = note.left > kNever - note.since ? kNever : note.since + note.left;
    return {note.gpus, to_ns(end)};
  }

 private:
  bool times_gpus_;
};

class ShortestRemainingTimeFirst final : public SchedulingPolicy {
 public:
  struct Config {
    EstimateKind estimate = EstimateKind::user;
    PolicyConfig placement{"tightest_fit"};
    bool times_gpus = false;
    bool keep_equal = true;

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("estimate", &Config::estimate, kEstimateDoc);
      visit("placement", &Config::placement, "Rule that places a job.");
      visit("times_gpus", &Config::times_gpus, "Compare remaining GPU time instead of time.");
      visit("keep_equal", &Config::keep_equal,
            "A running job stays before a pending one with as much left.");
    }
  };
  ShortestRemainingTimeFirst(const Config& config, const PolicyContext& context)
      : estimate_(config.estimate),
        rule_(config.placement, context),
        ranked_(RemainingWork(config.times_gpus), config.keep_equal) {}

  EstimateKind estimates() const override { return estimate_; }
  void cycle(SchedulingCycle& cycle) override {
    select_by_rank(cycle, ranked_, quota_.of(cycle.view()), rule_);
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<ShortestRemainingTimeFirst>(*this);
  }

 private:
  EstimateKind estimate_;
  OwnedPlacement rule_;
  GpuQuota quota_;
  RankedJobs<RemainingWork> ranked_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(srtf, ShortestRemainingTimeFirst,
                           "The least remaining time first, preempting jobs with more of it.")
