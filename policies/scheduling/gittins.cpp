// The highest Gittins index first, with preemption: the jobs that are most likely to end soon for the service that it
// takes to find out, judged by how much service earlier jobs took.
#include "policies/gittins_index.hpp"
#include "policies/gpu_quota.hpp"
#include "policies/ranked_jobs.hpp"

namespace {

using namespace plimsoll;

class ByGittinsIndex {
 public:
  struct Note {
    Duration attained{};
    SimTime since{};
    std::int64_t gpus = 0;  ///< 0 while it waits
  };

  explicit ByGittinsIndex(GittinsIndex index) : index_(std::move(index)) {}

  Note note(const JobView& job) const {
    return {job.attained, job.started_at,
            job.phase == JobPhase::running ? std::int64_t{job.held_gpus()} : 0};
  }
  std::int64_t rank(const Note& note, SimTime now) const {
    constexpr double kSteps = 1e12;  // per second of service: what differs in no step is equal
    const Duration attained =
        note.gpus == 0 ? note.attained : note.attained + note.gpus * (now - note.since);
    return -static_cast<std::int64_t>(index_.at(attained) * kSteps);
  }

 private:
  GittinsIndex index_;
};

class Gittins final : public SchedulingPolicy {
 public:
  struct Config {
    std::vector<Duration> history;
    Duration quantum = std::chrono::seconds{3250};
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("history", &Config::history, "Service (GPUs x running time) of earlier jobs.", required,
            at_least(Duration{0}));
      visit("quantum", &Config::quantum,
            "Service that the index looks ahead; ranks are reviewed as often.", above(Duration{0}));
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  Gittins(const Config& config, const PolicyContext& context)
      : quantum_(config.quantum),
        rule_(config.placement, context),
        ranked_(ByGittinsIndex(GittinsIndex(config.history, config.quantum)), true) {}

  void cycle(SchedulingCycle& cycle) override {
    select_by_rank(cycle, ranked_, quota_.of(cycle.view()), rule_);
  }
  /// Indices change as jobs run.
  SimTime next_review(const ClusterView& view, SimTime now) const override {
    return any_running(view) ? now + quantum_ : kNever;
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<Gittins>(*this);
  }

 private:
  static bool any_running(const ClusterView& view) {
    const auto& jobs = view.jobs().rows();
    return std::any_of(jobs.begin(), jobs.end(),
                       [](const JobView& job) { return job.phase == JobPhase::running; });
  }

  Duration quantum_;
  OwnedPlacement rule_;
  GpuQuota quota_;
  RankedJobs<ByGittinsIndex> ranked_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    gittins, Gittins,
    "The highest Gittins index first, from the service of earlier jobs, with preemption.")
