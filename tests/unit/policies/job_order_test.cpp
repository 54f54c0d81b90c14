// Schedulers that choose an order: what runs, what waits, what stops.
#include "core/config/yaml.hpp"
#include "policies/domain_tree.hpp"
#include "policies/gittins_index.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

using namespace plimsoll;
using namespace plimsoll::test;

namespace {

constexpr Duration kSecond{1'000'000'000};
SimTime at_s(std::int64_t second) { return SimTime{second * kSecond}; }

std::unique_ptr<SchedulingPolicy> scheduler(const std::string& name,
                                            const std::string& settings = "{}") {
  return policies().scheduling(name)->make({7, "test/scheduler", &policies()},
                                           parse_yaml(settings, name));
}

/// Adds a pending job of one worker.
std::uint32_t submit(ClusterView& view, std::int32_t gpus, Duration estimate, std::int64_t at = 0,
                     std::uint32_t user = 0) {
  JobView job = gang(1, gpus);
  job.id = view.jobs().size();
  job.user = user;
  job.submitted_at = at_s(at);
  job.estimate = estimate;
  return view.jobs().add("job", std::move(job));
}

/// The jobs that run after a cycle, as digits.
std::string running_after(SchedulingPolicy& policy, ClusterView& view, std::int64_t at) {
  SchedulingCycle cycle(view, at_s(at));
  policy.cycle(cycle);
  std::string running;
  for (const JobView& job : view.jobs().rows()) {
    if (job.phase == JobPhase::running) running += std::to_string(job.id);
  }
  return running;
}

}  // namespace

TEST_CASE("fifo lets nobody pass, first_fit lets all pass", "[policies][jobs]") {
  for (const bool strict : {true, false}) {
    ClusterView view = cluster("n0 ....");
    submit(view, 3, kSecond);
    submit(view, 2, kSecond);
    submit(view, 1, kSecond);
    const auto policy = scheduler(strict ? "fifo" : "first_fit");
    CHECK(running_after(*policy, view, 0) == (strict ? "0" : "02"));
  }
}

TEST_CASE("srtf preempts the job with most left, unless it may not be", "[policies][jobs]") {
  for (const bool preemptible : {true, false}) {
    ClusterView view = cluster("n0 ....");
    submit(view, 4, 100 * kSecond);
    view.jobs().update(0, [&](JobView& job) { job.preemptible = preemptible; });
    const auto policy = scheduler("srtf");
    CHECK(running_after(*policy, view, 0) == "0");
    submit(view, 2, 50 * kSecond, 10);
    CHECK(running_after(*policy, view, 10) == (preemptible ? "1" : "0"));
  }
}

TEST_CASE("a running job that has less left than a shorter one keeps its GPUs",
          "[policies][jobs]") {
  ClusterView view = cluster("n0 ....");
  submit(view, 4, 100 * kSecond);
  const auto policy = scheduler("srtf");
  CHECK(running_after(*policy, view, 0) == "0");
  submit(view, 4, 50 * kSecond, 60);
  CHECK(running_after(*policy, view, 60) == "0");
}

TEST_CASE("las demotes a job at the threshold of GPU time, and says when", "[policies][jobs]") {
  ClusterView view = cluster("n0 ....");
  submit(view, 4, kSecond);
  const auto policy = scheduler("las", "{thresholds: [400s]}");
  CHECK(running_after(*policy, view, 0) == "0");
  CHECK(policy->next_review(view, at_s(0)) == at_s(100));
  submit(view, 4, kSecond, 50);
  CHECK(running_after(*policy, view, 50) == "0");  // in one queue the running one stays
  CHECK(running_after(*policy, view, 100) == "1");
  CHECK(running_after(*policy, view, 200) ==
        "0");  // both in the last queue: the first to get there
  CHECK(policy->next_review(view, at_s(200)) == kNever);
}

TEST_CASE("las promotes a job that has waited long enough", "[policies][jobs]") {
  ClusterView view = cluster("n0 ....");
  submit(view, 4, kSecond);
  const auto policy = scheduler("las", "{thresholds: [400s], promote_after: 2}");
  CHECK(running_after(*policy, view, 0) == "0");
  submit(view, 4, kSecond, 50);
  CHECK(running_after(*policy, view, 100) == "1");
  submit(view, 4, kSecond, 150);
  CHECK(running_after(*policy, view, 200) == "2");
  CHECK(policy->next_review(view, at_s(200)) == at_s(300));
  CHECK(running_after(*policy, view, 300) == "0");  // 200 s of waiting for 100 s of running
}

TEST_CASE("the Gittins index is the chance to end over the service that it takes",
          "[policies][jobs]") {
  const GittinsIndex index({10 * kSecond, 20 * kSecond, 100 * kSecond}, 15 * kSecond);
  // At 0: 10 ends within 15 s; expected service (10 + 15 + 15) / 3.
  CHECK(index.at(Duration{}) == Approx((1.0 / 3) / (40.0 / 3)));
  CHECK(index.at(10 * kSecond) == Approx((1.0 / 2) / ((10.0 + 15.0) / 2)));
  CHECK(index.at(20 * kSecond) == 0.0);
  CHECK(index.at(90 * kSecond) == Approx(1.0 / 10));
  CHECK(index.at(100 * kSecond) == 0.0);
  CHECK(GittinsIndex({}, kSecond).at(Duration{}) == 0.0);
}

TEST_CASE("easy_backfill starts what ends in time or needs none of what is reserved",
          "[policies][jobs]") {
  ClusterView view = cluster("n0 ........");
  submit(view, 5, 100 * kSecond);  // runs until 100
  submit(view, 6, 50 * kSecond);   // reserved at 100, leaving 2
  submit(view, 3, 100 * kSecond);  // ends by then
  const auto policy = scheduler("easy_backfill");
  CHECK(running_after(*policy, view, 0) == "02");
  ClusterView other = cluster("n0 ........");
  submit(other, 5, 100 * kSecond);
  submit(other, 6, 50 * kSecond);
  submit(other, 3, 101 * kSecond);  // would delay it
  submit(other, 2, 900 * kSecond);  // is content with what is left
  const auto again = scheduler("easy_backfill");
  CHECK(running_after(*again, other, 0) == "03");
}

TEST_CASE("conservative_backfill delays nobody, not only the first", "[policies][jobs]") {
  // 0 runs on 6 until 100; 1 (8 GPUs) starts then, until 150; 2 (4 GPUs) at 150. Job 3 has two GPUs now for 200 s: that
  // would delay 1. Job 4 ends at 90: it starts.
  ClusterView view = cluster("n0 ........");
  submit(view, 6, 100 * kSecond);
  submit(view, 8, 50 * kSecond);
  submit(view, 4, 50 * kSecond);
  submit(view, 2, 200 * kSecond);
  submit(view, 2, 90 * kSecond);
  const auto policy = scheduler("conservative_backfill");
  CHECK(running_after(*policy, view, 0) == "04");
}

TEST_CASE("slurm_multifactor puts whoever has used least first", "[policies][jobs]") {
  ClusterView view = cluster("n0 ....");
  submit(view, 4, 1000 * kSecond, 0, 0);
  const auto policy = scheduler("slurm_multifactor");
  CHECK(running_after(*policy, view, 0) == "0");
  submit(view, 4, 1000 * kSecond, 1, 0);
  submit(view, 4, 1000 * kSecond, 2, 1);
  SchedulingCycle cycle(view, at_s(500));
  CHECK(cycle.evict(0));
  CHECK(running_after(*policy, view, 500) == "2");
  CHECK_THROWS_AS(scheduler("slurm_multifactor", "{backfill: some}"), ConfigError);
}

TEST_CASE("a placement that is no rule is refused with those that are", "[policies][jobs]") {
  std::string what;
  try {
    scheduler("fifo", "{placement: tightest_fitt}");
  } catch (const ConfigError& error) {
    what = error.what();
  }
  CHECK(what.find("Did you mean \"tightest_fit\"?") != std::string::npos);
  CHECK_THROWS_AS(scheduler("fifo", "{placement: sjf}"), ConfigError);
}

TEST_CASE("emptiest_first fills a node before it goes on", "[policies][placement]") {
  const ClusterView view = cluster("n0 AA.. n1 .... n2 A...");
  CHECK(nodes(view, rule("emptiest_first")->place(view, gang(6, 1))) == "n1:4 n2:2");
}

TEST_CASE("tightest_fit leaves whole nodes whole", "[policies][placement]") {
  const ClusterView view = cluster("n0 .... n1 AA.. n2 AAA.");
  const auto fit = rule("tightest_fit");
  CHECK(nodes(view, fit->place(view, gang(1, 1))) == "n2");
  CHECK(nodes(view, fit->place(view, gang(1, 2))) == "n1");
  CHECK(nodes(view, fit->place(view, gang(1, 3))) == "n0");
}

TEST_CASE("topology_aware keeps a gang in the smallest domain that holds it",
          "[policies][placement]") {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  facts->levels = {"rack"};
  for (std::uint32_t row = 0; row < 6; ++row) {
    facts->nodes.push_back(node_with(4));
    facts->nodes.back().domain[0] = row / 2;
  }
  ClusterView view({"n0", "n1", "n2", "n3", "n4", "n5"}, std::move(facts));
  const auto take_gpus = [&](std::uint32_t node, std::uint16_t devices) {
    NodeShare share;
    share.node = node;
    share.devices = devices;
    view.nodes().update(node, [&](NodeRow& row) { take(row, share); });
  };
  const auto rule_ = rule("topology_aware");
  take_gpus(2, 0b0011);  // rack 1 has 6 left
  CHECK(nodes(view, rule_->place(view, gang(6, 1))) == "n3:4 n2:2");
  CHECK(nodes(view, rule_->place(view, gang(8, 1))) == "n0:4 n1:4");
  CHECK(nodes(view, rule_->place(view, gang(2, 1))) == "n2:2");
  CHECK(nodes(view, rule_->place(view, gang(12, 1))) == "n0:4 n1:4 n3:4");
  JobView confined = gang(12, 1);
  confined.required_level = 0;
  CHECK(rule_->place(view, confined).why_not.reason == Reason::topology);
  CHECK(rule_->place(view, gang(30, 1)).why_not.reason == Reason::no_free_gpus);
}
