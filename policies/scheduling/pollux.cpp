// GPUs for the highest power mean of the jobs' speedups by goodput (Qiao et al., "Pollux: Co-adaptive Cluster
// Scheduling for Goodput-Optimized Deep Learning", OSDI 2021, section 4.2). A job that is moved pays for its restarts;
// one is given at most twice the GPUs that it has run on before. The paper searches at random (NSGA-II) in all
// placements; here the numbers of GPUs are found exactly, as a knapsack over jobs, and then placed. A job that is not
// elastic has all its gang or nothing, where a placement rule puts it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "policies/elastic_places.hpp"
#include "policies/future_nodes.hpp"
#include "policies/gpu_quota.hpp"
#include "policies/registry.hpp"

namespace {

using namespace plimsoll;

/// Keeps a speedup of 0 finite: as in the paper's artifact.
constexpr double kLeastSpeedup = 1e-3;

/// What the policy knows of a job beyond its row.
struct Known {
  std::int32_t most_held = 0;   ///< GPUs that it has made progress on
  GradientStats gradient;       ///< that `goodput` is of
  std::vector<double> goodput;  ///< [n - 1]: on n workers, packed; grows as it is asked for
};

/// A job in one cycle: 1 / speedup is what it costs.
struct Option {
  std::uint32_t job = 0;
  bool running = false;
  std::int32_t held = 0;       ///< GPUs
  std::int32_t gpus_each = 1;  ///< of a worker; a gang that is not elastic counts as one
  std::int32_t least = 1;      ///< workers that it runs with
  double base = 0;  ///< goodput of a fair share; 0: the job is not profiled, and speeds up linearly
  double fair = 1;  ///< GPUs of it
  double scale = 1;  ///< nodes per GPU
  double moved = 1;  ///< what a restart leaves of its speedup
  double kept_cost = 0;
  std::vector<double> moved_cost;  ///< [n]: with n workers, moved; [0]: none
  std::int32_t chosen = 0;         ///< workers; kKept

  double cost(double goodput, std::int32_t gpus, double factor) const {
    const double speedup = base > 0 ? goodput / base : gpus / fair;
    return 1 / (speedup * scale * factor + kLeastSpeedup);
  }
};
constexpr std::int32_t kKept = -1;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// Where a job is to go; without shares: nowhere.
struct Move {
  std::uint32_t job = 0;
  Placement placement;
};

struct Draft {
  std::vector<Move> moves;  ///< the other jobs keep what they have
  double cost = 0;
  bool whole = true;  ///< all numbers that were chosen found places
};

class Pollux final : public SchedulingPolicy {
 public:
  struct Config {
    Duration review = std::chrono::seconds{60};
    Duration restart = std::chrono::seconds{30};
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("review", &Config::review, "Time after which shares are found anew.",
            above(Duration{0}));
      visit("restart", &Config::restart, "Time that it reckons a restart to cost.",
            at_least(Duration{0}));
      visit("placement", &Config::placement,
            "Rule that places jobs that are not elastic, or must stay within a topology level.");
    }
  };
  Pollux(const Config& config, const PolicyContext& context)
      : config_(config), nodes_(config.placement, context) {}

  bool reads_reports() const override { return true; }

  void cycle(SchedulingCycle& cycle) override {
    const ClusterView& view = cycle.view();
    follow(view, cycle.now());
    const auto gpus = static_cast<std::int32_t>(quota_.of(view));
    std::int32_t shared_out = gpus;
    std::vector<Option> options;
    for (const std::uint32_t id : active_) {
      const JobView& job = view.jobs().row(id);
      if (job.phase == JobPhase::running && !job.preemptible) {
        shared_out -= job.held_gpus();
      } else {
        options.push_back(option_of(view, job, cycle.now(), gpus));
      }
    }
    carry_out(cycle, draft(view, options, std::max(0, shared_out)));
  }

  SimTime next_review(const ClusterView&, SimTime now) const override {
    return active_.empty() ? kNever : now + config_.review;
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<Pollux>(*this);
  }

 private:
  void follow(const ClusterView& view, SimTime now) {
    std::erase_if(active_, [&](std::uint32_t job) {
      return view.jobs().row(job).phase == JobPhase::finished;
    });
    for (; seen_ < view.jobs().size(); ++seen_)
      if (view.jobs().row(seen_).phase != JobPhase::finished) active_.push_back(seen_);
    known_.resize(view.jobs().size());
    if (per_node_ == 0)
      for (const NodeFacts& node : view.facts().nodes) per_node_ = std::max(per_node_, node.gpus);
    for (const std::uint32_t id : active_) {
      const JobView& job = view.jobs().row(id);
      if (job.phase == JobPhase::running && now - job.started_at > config_.restart)
        known_[id].most_held = std::max(known_[id].most_held, job.held_gpus());
    }
  }

  double goodput(const JobView& job, std::int32_t nodes, std::int32_t workers) const {
    return job.report.speed->goodput->best(job.report.gradient, nodes, workers).goodput;
  }
  /// On n workers, packed.
  double packed_goodput(const JobView& job, std::int32_t workers) {
    Known& known = known_[job.id];
    const GradientStats& gradient = job.report.gradient;
    if (known.gradient.sqr != gradient.sqr || known.gradient.var != gradient.var) {
      known.gradient = gradient;
      known.goodput.clear();
    }
    while (static_cast<std::int32_t>(known.goodput.size()) < workers) {
      const auto next = static_cast<std::int32_t>(known.goodput.size()) + 1;
      known.goodput.push_back(goodput(job, (next + per_node_ - 1) / per_node_, next));
    }
    return known.goodput[static_cast<std::size_t>(workers - 1)];
  }

  Option option_of(const ClusterView& view, const JobView& job, SimTime now, std::int32_t gpus) {
    Option option;
    option.job = job.id;
    option.running = job.phase == JobPhase::running;
    option.held = job.held_gpus();
    option.gpus_each = job.elastic() ? job.gang.front().each.gpus : job.gpus();
    option.least = job.elastic() ? std::max(1, job.min_workers) : 1;
    const std::int32_t most_workers = job.elastic() ? job.max_workers : 1;
    const std::int32_t most_held = known_[job.id].most_held;
    const std::int32_t tried = std::max(2 * most_held, 1) / std::max(1, option.gpus_each);
    const std::int32_t most = std::min(std::max(tried, option.least), most_workers);
    const bool profiled = job.report.speed && job.report.speed->goodput && most_held > 0;
    const auto jobs = static_cast<std::int32_t>(active_.size());
    const std::int32_t fair = std::max(1, (gpus + jobs - 1) / jobs);
    option.fair = fair;
    const std::int32_t most_gpus = std::max(1, most_workers * option.gpus_each);
    option.base = profiled ? goodput(job, 1, std::min(fair, most_gpus)) : 0;
    option.scale = static_cast<double>(view.nodes().size()) / std::max(1, gpus);
    const double age = to_seconds(now - job.submitted_at);
    const double restart = to_seconds(config_.restart);
    if (age + restart > 0)
      option.moved = std::max(0.0, age - std::max(0, job.starts - 1) * restart) / (age + restart);
    option.moved_cost.assign(static_cast<std::size_t>(option.least), kInfinite);
    option.moved_cost[0] = 1 / kLeastSpeedup;
    for (std::int32_t n = option.least; n <= most; ++n)
      option.moved_cost.push_back(packed_cost(option, job, std::max(1, n * option.gpus_each)));
    if (option.running) {
      const auto nodes = static_cast<std::int32_t>(job.placement.shares.size());
      const std::int32_t held = std::max(1, option.held);
      option.kept_cost = option.cost(option.base > 0 ? goodput(job, nodes, held) : 0, held, 1);
    }
    return option;
  }

  double packed_cost(const Option& option, const JobView& job, std::int32_t gpus) {
    return option.cost(option.base > 0 ? packed_goodput(job, gpus) : 0, gpus, option.moved);
  }

  /// The numbers of least total cost within the GPUs: a knapsack, job by job.
  static void choose(std::vector<Option>& options, std::int32_t gpus) {
    const auto width = static_cast<std::size_t>(gpus) + 1;
    std::vector<double> least(width, 0);  // of the jobs so far, by GPUs at most
    std::vector<std::vector<std::int32_t>> chosen;
    for (const Option& option : options) {
      std::vector<double> with(width, kInfinite);
      std::vector<std::int32_t>& choice = chosen.emplace_back(width, 0);
      const auto offer = [&](std::size_t need, double cost, std::int32_t what) {
        for (std::size_t g = need; g < width; ++g) {
          if (least[g - need] + cost >= with[g]) continue;
          with[g] = least[g - need] + cost;
          choice[g] = what;
        }
      };
      if (option.running) offer(static_cast<std::size_t>(option.held), option.kept_cost, kKept);
      for (std::size_t n = 0; n < option.moved_cost.size(); ++n)
        offer(n * static_cast<std::size_t>(option.gpus_each), option.moved_cost[n],
              static_cast<std::int32_t>(n));
      least = std::move(with);
    }
    std::size_t left = width - 1;
    for (std::size_t i = options.size(); i-- > 0;) {
      options[i].chosen = chosen[i][left];
      const Option& option = options[i];
      left -= static_cast<std::size_t>(option.chosen == kKept ? option.held
                                                              : option.chosen * option.gpus_each);
    }
  }

  /// Numbers, then places. Where places fall short of a number, that number costs what came of it, and numbers are
  /// found anew: the best of a few drafts.
  Draft draft(const ClusterView& view, std::vector<Option> options, std::int32_t gpus) {
    constexpr int kDrafts = 8;
    Draft best;
    for (int i = 0; i < kDrafts; ++i) {
      choose(options, gpus);
      Draft next = placed(view, options);
      const bool whole = next.whole;
      if (i == 0 || next.cost < best.cost) best = std::move(next);
      if (whole) break;
    }
    return best;
  }

  /// Places the moved jobs, most GPUs first, and charges numbers that could not be had.
  Draft placed(const ClusterView& view, std::vector<Option>& options) {
    Draft draft;
    ElasticPlaces places(view, active_);
    std::vector<Option*> moved;
    for (Option& option : options) {
      if (option.chosen == kKept) {
        draft.cost += option.kept_cost;
        continue;
      }
      places.release(view.jobs().row(option.job));
      moved.push_back(&option);
    }
    std::stable_sort(moved.begin(), moved.end(), [](const Option* a, const Option* b) {
      return a->chosen * a->gpus_each > b->chosen * b->gpus_each;
    });
    free_nodes(view, moved);
    for (Option* option : moved) {
      Move move{option->job, Placement::not_now(Reason::not_selected)};
      double cost = option->moved_cost[0];
      if (option->chosen > 0) {
        const JobView& job = view.jobs().row(option->job);
        move.placement = place(places, job, *option);
        cost = cost_of(*option, job, move.placement);
        double& reckoned = option->moved_cost[static_cast<std::size_t>(option->chosen)];
        draft.whole = draft.whole && cost <= reckoned;
        reckoned = std::max(reckoned, cost);
      }
      draft.cost += cost;
      draft.moves.push_back(std::move(move));
    }
    return draft;
  }

  static bool placed_by_rule(const JobView& job) {
    return !job.elastic() || job.required_level >= 0;
  }
  /// For the rule: the nodes without the jobs that are moved.
  void free_nodes(const ClusterView& view, const std::vector<Option*>& moved) {
    const auto& jobs = view.jobs();
    by_rule_ = std::ranges::any_of(
        moved, [&](const Option* option) { return placed_by_rule(jobs.row(option->job)); });
    if (!by_rule_) return;
    nodes_.reset(view);
    for (const Option* option : moved) nodes_.release(jobs.row(option->job).placement.shares);
  }
  Placement place(ElasticPlaces& places, JobView job, const Option& option) {
    if (!placed_by_rule(job)) {
      Placement placement = places.place(job, option.least, option.chosen);
      if (by_rule_) nodes_.take(placement.shares);
      return placement;
    }
    if (job.elastic()) job.gang.front().workers = job.min_workers = job.max_workers = option.chosen;
    Placement placement = nodes_.place(job);
    nodes_.take(placement.shares);
    places.take(placement.shares);
    return placement;
  }

  double cost_of(const Option& option, const JobView& job, const Placement& placement) {
    if (placement.shares.empty()) return option.moved_cost[0];
    if (placement.shares == job.placement.shares && option.running) return option.kept_cost;
    std::int32_t gpus = 0;
    for (const NodeShare& share : placement.shares) gpus += std::popcount(share.devices);
    gpus = std::max(1, gpus);
    const auto nodes = static_cast<std::int32_t>(placement.shares.size());
    if (option.base <= 0 || nodes == (gpus + per_node_ - 1) / per_node_)
      return packed_cost(option, job, gpus);
    return option.cost(goodput(job, nodes, gpus), gpus, option.moved);
  }

  static void carry_out(SchedulingCycle& cycle, Draft draft) {
    std::erase_if(draft.moves, [&](const Move& move) {
      const JobView& job = cycle.view().jobs().row(move.job);
      return job.phase == JobPhase::running && job.placement.shares == move.placement.shares;
    });
    for (const Move& move : draft.moves) cycle.evict(move.job);
    for (Move& move : draft.moves) {
      if (move.placement.shares.empty()) {
        cycle.not_now(move.job, move.placement.why_not);
      } else {
        cycle.start(move.job, std::move(move.placement));
      }
    }
  }

  Config config_;
  FutureNodes nodes_;     ///< as a draft has them so far
  bool by_rule_ = false;  ///< whether they are needed
  GpuQuota quota_;
  std::vector<std::uint32_t> active_;  ///< in the order of submission
  std::vector<Known> known_;           ///< by job
  std::uint32_t seen_ = 0;
  std::int32_t per_node_ = 0;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(pollux, Pollux,
                           "GPUs where they raise the jobs' goodput most, fairly between jobs.")
