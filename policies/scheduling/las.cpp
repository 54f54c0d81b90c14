// Least attained service in two dimensions, as in Tiresias: queues by GPUs x running time, so that nobody has to say
// how long a job will run. A job starts in the first queue and goes down one when its service reaches a threshold;
// queues are served in order, first come first served, as far as the GPUs reach; the others are preempted.
#include <algorithm>
#include <limits>

#include "policies/gpu_quota.hpp"
#include "policies/quota_selection.hpp"
#include "policies/registry.hpp"

namespace {

using namespace plimsoll;

class LeastAttainedService final : public SchedulingPolicy {
 public:
  struct Config {
    std::vector<Duration> thresholds{std::chrono::seconds{3250}, std::chrono::seconds{7200}};
    bool times_gpus = true;
    bool running_first = true;
    std::optional<double> promote_after;
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("thresholds", &Config::thresholds,
            "Attained service at which a job goes to the next queue, rising.", above(Duration{0}));
      visit("times_gpus", &Config::times_gpus, "Service is GPUs x running time, not time alone.");
      visit("running_first", &Config::running_first,
            "In a queue, running jobs stay before pending ones.");
      visit("promote_after", &Config::promote_after,
            "A job that has waited this many times as long as it ran goes back to the first queue.",
            above(0.0));
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  LeastAttainedService(Config config, const PolicyContext& context)
      : config_(std::move(config)),
        rule_(config_.placement, context),
        queues_(config_.thresholds.size() + 1) {
    std::sort(config_.thresholds.begin(), config_.thresholds.end());
  }

  void cycle(SchedulingCycle& cycle) override {
    const ViewTable<JobView>& jobs = cycle.view().jobs();
    follow(jobs);
    for (const std::uint32_t job : active_) move(jobs.row(job), cycle.now());
    QuotaSelection selection(quota_.of(cycle.view()));
    for (const std::uint32_t job : active_) {
      if (kept(jobs.row(job))) selection.keep(contender(jobs.row(job)));
    }
    for (const auto& queue : queues_) {
      for (const std::uint32_t job : queue) {
        const JobView& row = jobs.row(job);
        if (!kept(row) && !selection.consider(contender(row))) tell(cycle, job);
      }
    }
    selection.act(cycle, rule_);
    if (!config_.running_first) return;
    for (auto& queue : queues_) {
      std::stable_partition(queue.begin(), queue.end(), [&](std::uint32_t job) {
        return jobs.row(job).phase == JobPhase::running;
      });
    }
  }

  /// The next time at which a job changes its queue.
  SimTime next_review(const ClusterView& view, SimTime now) const override {
    SimTime next = kNever;
    for (const std::uint32_t job : active_) {
      next = std::min(next, next_move(view.jobs().row(job), now));
    }
    return next;
  }

  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<LeastAttainedService>(*this);
  }

 private:
  /// What a job was when it entered the first queue.
  struct Standing {
    std::size_t queue = 0;
    bool active = false;
    bool told = false;
    Duration executed{};  ///< running time so far
    Duration waited{};
  };

  void follow(const ViewTable<JobView>& jobs) {
    standing_.resize(jobs.size());
    const auto look = [&](std::uint32_t job) {
      Standing& standing = standing_[job];
      const bool active = jobs.row(job).phase != JobPhase::finished;
      if (jobs.row(job).phase == JobPhase::running) standing.told = false;
      if (active == standing.active) return;
      standing.active = active;
      if (active) {
        active_.insert(std::upper_bound(active_.begin(), active_.end(), job), job);
        queues_[standing.queue].push_back(job);
      } else {
        active_.erase(std::lower_bound(active_.begin(), active_.end(), job));
        std::erase(queues_[standing.queue], job);
      }
    };
    if (!jobs.changes_since(version_, look)) {
      for (std::uint32_t job = 0; job < jobs.size(); ++job) look(job);
    }
    version_ = jobs.version();
  }

  bool kept(const JobView& job) const { return job.phase == JobPhase::running && !job.preemptible; }
  static Contender contender(const JobView& job) {
    const bool running = job.phase == JobPhase::running;
    return {job.id, running ? job.held_gpus() : job.gpus(), running, job.preemptible};
  }
  std::int64_t weight(const JobView& job) const {
    return config_.times_gpus ? std::max(1, job.gpus()) : 1;
  }
  /// Running time since it entered the first queue.
  Duration executed(const JobView& job, SimTime now) const {
    return job.executed_until(now) - standing_[job.id].executed;
  }
  static Duration waited_in_all(const JobView& job, SimTime now) {
    return (now - job.submitted_at) - job.executed_until(now);
  }
  /// After its first start: a job that never ran waits in the first queue.
  Duration waited(const JobView& job, SimTime now) const {
    return waited_in_all(job, now) - standing_[job.id].waited;
  }

  void move(const JobView& job, SimTime now) {
    Standing& standing = standing_[job.id];
    if (job.starts == 0) return;
    if (job.starts == 1 && standing.executed == job.executed_until(now)) {
      standing.waited = waited_in_all(job, now);  // it has only just started
    }
    if (job.phase == JobPhase::running) {
      const Duration service = executed(job, now) * weight(job);
      while (standing.queue < config_.thresholds.size() &&
             service >= config_.thresholds[standing.queue]) {
        enqueue(job.id, standing.queue + 1);
      }
    } else if (promotes(job) && waited(job, now) >= patience(job, now)) {
      standing.executed = job.executed_until(now);
      standing.waited = waited_in_all(job, now);
      enqueue(job.id, 0);
    }
  }

  bool promotes(const JobView& job) const {
    return config_.promote_after && standing_[job.id].queue > 0;
  }
  Duration patience(const JobView& job, SimTime now) const {
    return from_seconds(to_seconds(executed(job, now)) * *config_.promote_after);
  }
  void enqueue(std::uint32_t job, std::size_t queue) {
    std::erase(queues_[standing_[job].queue], job);
    queues_[queue].push_back(job);
    standing_[job].queue = queue;
  }

  SimTime next_move(const JobView& job, SimTime now) const {
    const std::size_t queue = standing_[job.id].queue;
    if (job.phase == JobPhase::running && queue < config_.thresholds.size()) {
      const Duration left = (config_.thresholds[queue] - executed(job, now) * weight(job) +
                             Duration{weight(job) - 1}) /
                            weight(job);
      return now + std::max(left, Duration{1});
    }
    if (job.phase == JobPhase::pending && promotes(job)) {
      return now + std::max(patience(job, now) - waited(job, now), Duration{1});
    }
    return kNever;
  }

  void tell(SchedulingCycle& cycle, std::uint32_t job) {
    if (!std::exchange(standing_[job].told, true)) cycle.not_now(job, {Reason::not_selected});
  }

  Config config_;
  OwnedPlacement rule_;
  GpuQuota quota_;
  std::vector<std::vector<std::uint32_t>> queues_;
  std::vector<std::uint32_t> active_;  ///< running and pending, in the order of submission
  std::vector<Standing> standing_;     ///< by job
  std::uint64_t version_ = 0;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(las, LeastAttainedService,
                           "The least attained service (GPUs x time) first, in queues, with "
                           "preemption: 2D-LAS of Tiresias.")
