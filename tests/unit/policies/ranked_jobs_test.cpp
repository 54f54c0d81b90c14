// Selection by rank: the index that policies keep against a selection that looks at every job each time.
#include "policies/ranked_jobs.hpp"

#include <algorithm>
#include <tuple>

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

namespace plimsoll::test {
namespace {

constexpr Duration kSecond{1'000'000'000};

/// What a policy ranks jobs by, and whether running jobs come first among equals.
struct Ranking {
  std::string policy;
  std::string settings;
  bool running_first = true;
  std::int64_t (*rank)(const JobView&, SimTime) = nullptr;
};

std::int64_t time_left(const JobView& job, SimTime now) {
  if (!job.estimate) return Duration::max().count();
  return std::max(Duration{}, *job.estimate - job.executed_until(now)).count();
}
std::int64_t gpu_time_left(const JobView& job, SimTime now) {
  return job.estimate ? time_left(job, now) * job.gpus() : Duration::max().count();
}
/// The chance to end within the next 100 s of service over the service that it takes; of four earlier jobs.
std::int64_t minus_index(const JobView& job, SimTime now) {
  const double attained = to_seconds(job.attained_until(now));
  double ending = 0;
  double service = 0;
  for (const double earlier : {20.0, 50.0, 300.0, 900.0}) {
    if (earlier <= attained) continue;
    ending += earlier <= attained + 100 ? 1 : 0;
    service += std::min(earlier - attained, 100.0);
  }
  return service == 0 ? 0 : -static_cast<std::int64_t>(ending / service * 1e12);
}

/// Sorts and looks at every unfinished job in each cycle.
class PlainSelection {
 public:
  explicit PlainSelection(Ranking ranking) : ranking_(std::move(ranking)) {}

  void cycle(SchedulingCycle& cycle, PlacementRule& rule) {
    const ViewTable<JobView>& jobs = cycle.view().jobs();
    known_.resize(jobs.size());
    REQUIRE(jobs.changes_since(version_, [&](std::uint32_t job) { look(jobs.row(job)); }));
    version_ = jobs.version();
    std::int64_t left = 0;
    for (std::uint32_t node = 0; node < cycle.view().nodes().size(); ++node) {
      if (cycle.view().nodes().row(node).schedulable) left += cycle.view().facts().nodes[node].gpus;
    }
    std::vector<std::uint32_t> order;
    for (const JobView& job : jobs.rows()) {
      if (pinned(job)) left -= job.held_gpus();
      if (job.phase != JobPhase::finished && !pinned(job)) order.push_back(job.id);
    }
    std::ranges::sort(order, {},
                      [&](std::uint32_t job) { return key(jobs.row(job), cycle.now()); });
    std::vector<std::uint32_t> starting;
    std::vector<std::uint32_t> stopping;
    for (const std::uint32_t id : order) {
      const JobView& job = jobs.row(id);
      const bool running = job.phase == JobPhase::running;
      const std::int32_t gpus = running ? job.held_gpus() : job.gpus();
      if (gpus <= left) {
        left -= gpus;
        if (!running) starting.push_back(id);
        continue;
      }
      if (running) stopping.push_back(id);
      if (!std::exchange(known_[id].told, true)) cycle.not_now(id, {Reason::not_selected});
    }
    for (const std::uint32_t job : stopping) cycle.evict(job);
    for (const std::uint32_t job : starting) {
      Placement placement = rule.place(cycle.view(), jobs.row(job));
      if (placement.placed()) {
        cycle.start(job, std::move(placement));
      } else {
        cycle.not_now(job, placement.why_not);
      }
    }
  }

 private:
  struct Known {
    JobPhase phase = JobPhase::finished;
    std::uint64_t stamp = 0;
    bool told = false;
  };

  static bool pinned(const JobView& job) {
    return job.phase == JobPhase::running && !job.preemptible;
  }
  void look(const JobView& job) {
    Known& known = known_[job.id];
    if (job.phase != JobPhase::finished && job.phase != known.phase) {
      known.stamp = ++stamps_;
      known.told = false;
    }
    known.phase = job.phase;
  }
  std::tuple<std::int64_t, bool, std::uint64_t> key(const JobView& job, SimTime now) const {
    const bool first = (job.phase == JobPhase::running) == ranking_.running_first;
    return {ranking_.rank(job, now), !first, known_[job.id].stamp};
  }

  Ranking ranking_;
  std::vector<Known> known_;
  std::uint64_t stamps_ = 0;
  std::uint64_t version_ = 0;
};

JobView random_job(Dice& dice, std::uint32_t id, SimTime now) {
  JobView job = gang(dice.one_of({1, 1, 1, 2, 4}), dice.one_of({0, 1, 1, 2, 4, 8}));
  if (job.gang[0].each.gpus == 1 && dice.upto(2) == 0) job.gang[0].each.gpu_milli = 500;
  job.id = id;
  job.preemptible = dice.upto(5) > 0;
  job.submitted_at = now;
  if (dice.upto(9) > 0) job.estimate = 10 * dice.upto(60) * kSecond;  // often equal, some at once
  return job;
}

void finish(ClusterView& view, std::uint32_t job, SimTime now) {
  view.jobs().update(job, [&](JobView& row) {
    for (const NodeShare& share : row.placement.shares) {
      view.nodes().update(share.node, [&](NodeRow& node) { give_back(node, share); });
    }
    row.attained = row.attained_until(now);
    row.executed = row.executed_until(now);
    row.phase = JobPhase::finished;
    row.placement = {};
  });
}

/// What happens between two cycles, drawn anew for each of both views from equal dice.
void let_things_happen(Dice& dice, ClusterView& view, SimTime now) {
  for (std::int32_t arrivals = dice.upto(4); arrivals > 0; --arrivals) {
    const std::uint32_t id = view.jobs().size();
    view.jobs().add("j" + std::to_string(id), random_job(dice, id, now));
  }
  for (std::uint32_t id = 0; id < view.jobs().size(); ++id) {
    const JobPhase phase = view.jobs().row(id).phase;
    if (phase == JobPhase::running && dice.upto(11) == 0) finish(view, id, now);
    if (phase == JobPhase::pending && dice.upto(99) == 0) finish(view, id, now);
    if (phase != JobPhase::finished && dice.upto(49) == 0) {
      view.jobs().update(id, [&](JobView& row) { row.estimate = 10 * dice.upto(60) * kSecond; });
    }
    if (phase == JobPhase::running && dice.upto(49) == 0) SchedulingCycle(view, now).evict(id);
  }
  const auto node =
      static_cast<std::uint32_t>(dice.upto(static_cast<std::int32_t>(view.nodes().size()) - 1));
  const bool ready = dice.upto(3) > 0;
  view.nodes().update(node, [&](NodeRow& row) { row.schedulable = ready; });
}

bool same(const SchedulingDecision& a, const SchedulingDecision& b) {
  return a.kind == b.kind && a.job == b.job && a.group == b.group && a.placement == b.placement;
}

}  // namespace

TEST_CASE("selection by rank decides as one that sorts and looks at every job in each cycle",
          "[policies][jobs]") {
  const std::vector<Ranking> rankings{
      {"srtf", "{}", true, &time_left},
      {"srtf", "{keep_equal: false}", false, &time_left},
      {"srtf", "{times_gpus: true}", true, &gpu_time_left},
      {"gittins", "{history: [20s, 50s, 300s, 900s], quantum: 100s}", true, &minus_index}};
  for (const Ranking& ranking : rankings) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(ranking.policy, ranking.settings, seed);
      Dice dice(seed);
      ClusterView view = random_cluster(dice, 12);
      ClusterView plain_view = view;
      const auto policy = policies()
                              .scheduling(ranking.policy)
                              ->make({7, "test/scheduler", &policies()},
                                     parse_yaml(ranking.settings, ranking.policy));
      const auto plain_rule = rule("tightest_fit");
      PlainSelection plain(ranking);
      std::size_t starts = 0;
      std::size_t evictions = 0;
      SimTime now{};
      for (int step = 0; step < 250; ++step, now += dice.upto(40) * kSecond) {
        Dice same_dice = dice;
        let_things_happen(dice, view, now);
        let_things_happen(same_dice, plain_view, now);
        SchedulingCycle cycle(view, now);
        SchedulingCycle plain_cycle(plain_view, now);
        policy->cycle(cycle);
        plain.cycle(plain_cycle, *plain_rule);
        const auto decisions = cycle.take_decisions();
        REQUIRE(std::ranges::equal(decisions, plain_cycle.take_decisions(), same));
        for (const SchedulingDecision& decision : decisions) {
          starts += decision.kind == SchedulingDecision::Kind::start;
          evictions += decision.kind == SchedulingDecision::Kind::evict;
        }
      }
      CHECK(starts > 100);
      CHECK(evictions > 20);
    }
  }
}

}  // namespace plimsoll::test
