// What a job cluster does with decisions, costs and impossible jobs.
#include <functional>

#include "tests/catch.hpp"
#include "tests/oracle/plain_jobs.hpp"

using namespace plimsoll;
using namespace plimsoll::oracle;

namespace {

/// Decides what a test tells it to.
class Scripted final : public SchedulingPolicy {
 public:
  using Script = std::function<void(SchedulingCycle&, int)>;
  explicit Scripted(Script script) : script_(std::move(script)) {}
  void cycle(SchedulingCycle& cycle) override { script_(cycle, cycles_++); }
  void on_outcome(const SchedulingOutcome& outcome) override {
    if (outcome.kind == SchedulingOutcome::Kind::conflicted) ++conflicts_;
  }
  SimTime next_review(const ClusterView&, SimTime now) const override {
    return now < at_s(1000) ? now + 10 * kSecond : kNever;
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<Scripted>(*this);
  }

 private:
  Script script_;
  int cycles_ = 0;
  int conflicts_ = 0;
};

Placement gpus_of_node(std::uint32_t node, std::uint16_t devices) {
  NodeShare share;
  share.node = node;
  share.devices = devices;
  return {{share}, {}};
}

}  // namespace

TEST_CASE("a job runs from its start to its end and is accounted for", "[jobs]") {
  auto cluster = plain_cluster(1, 8, plain_specs({{5, 8, 100}, {6, 4, 50}}, 8), scheduler("fifo"));
  cluster.run();
  const auto& jobs = cluster.facts().jobs;
  CHECK(jobs[0].first_start == at_s(5));
  CHECK(jobs[0].ended_at == at_s(105));
  CHECK(jobs[1].first_start == at_s(105));
  CHECK(jobs[1].waited == 99 * kSecond);
  CHECK(jobs[0].gpu_time == 800 * kSecond);
  CHECK(cluster.counts().finished == 2);
  REQUIRE(cluster.facts().runs.size() == 2);
  CHECK(cluster.facts().samples.front().gpu_milli == 8000);
  CHECK(cluster.facts().samples[1].pending_gpus == 4);
  CHECK(cluster.facts().samples.back().gpu_milli == 0);
}

TEST_CASE("cycles fall on the grid and decisions land later", "[jobs]") {
  JobClusterSettings settings{30 * kSecond, 4 * kSecond, {}};
  auto cluster = plain_cluster(1, 8, plain_specs({{5, 8, 100}}, 8), scheduler("fifo"), settings);
  cluster.run();
  CHECK(cluster.facts().jobs[0].first_start == at_s(34));
  CHECK(cluster.facts().jobs[0].ended_at == at_s(134));
}

TEST_CASE("an evicted job loses what came after its last checkpoint, and pays for each start",
          "[jobs]") {
  std::vector<JobSpec> specs = plain_specs({{0, 8, 100}}, 8);
  specs[0].checkpoint_interval = 30 * kSecond;
  specs[0].restart_cost = 5 * kSecond;
  auto policy = std::make_unique<Scripted>([](SchedulingCycle& cycle, int) {
    const JobView& job = cycle.view().jobs().row(0);
    if (cycle.now() == at_s(50)) CHECK(cycle.evict(0));
    if (job.phase == JobPhase::pending && cycle.now() != at_s(50)) {
      CHECK(cycle.start(0, gpus_of_node(0, 0xFF)));
    }
  });
  auto cluster = plain_cluster(1, 8, std::move(specs), std::move(policy));
  cluster.run();
  const JobFacts& job = cluster.facts().jobs[0];
  CHECK(job.preemptions == 1);
  CHECK(job.lost_gpu_time == 8 * 15 * kSecond);  // 45 s of work, checkpoint at 30
  CHECK(job.setup_gpu_time == 8 * 10 * kSecond);
  CHECK(job.ended_at == at_s(60 + 5 + 70));
  CHECK(job.waited == 10 * kSecond);
}

TEST_CASE("a restart cost that was cut short is due again, an eviction cost is paid once",
          "[jobs]") {
  std::vector<JobSpec> specs = plain_specs({{0, 8, 100}}, 8);
  specs[0].eviction_cost = 15 * kSecond;
  auto policy = std::make_unique<Scripted>([](SchedulingCycle& cycle, int) {
    const bool stops = cycle.now() == at_s(10) || cycle.now() == at_s(30);
    if (stops) cycle.evict(0);
    if (!stops && cycle.view().jobs().row(0).phase == JobPhase::pending) {
      cycle.start(0, gpus_of_node(0, 0xFF));
    }
  });
  auto cluster = plain_cluster(1, 8, std::move(specs), std::move(policy));
  cluster.run();
  // 10 s of work, 10 s of 15 s of cost, then 5 + 15 s of cost and 90 s of work.
  CHECK(cluster.facts().jobs[0].ended_at == at_s(40 + 20 + 90));
}

TEST_CASE("a decision that no longer fits when it lands is a conflict, and the view is mended",
          "[jobs]") {
  JobClusterSettings settings{{}, 4 * kSecond, {}};
  auto policy = std::make_unique<Scripted>([](SchedulingCycle& cycle, int) {
    const auto& jobs = cycle.view().jobs();
    if (jobs.row(0).phase == JobPhase::pending) cycle.start(0, gpus_of_node(0, 0xFF));
    if (cycle.now() == at_s(94)) {  // the job ends at 97, before this lands
      cycle.begin_group();
      CHECK(cycle.evict(0));
      CHECK(cycle.start(1, gpus_of_node(0, 0x0F)));
      cycle.end_group();
    } else if (jobs.size() > 1 && cycle.now() > at_s(97) &&
               jobs.row(1).phase == JobPhase::pending) {
      CHECK(cycle.start(1, gpus_of_node(0, 0x0F)));
    }
  });
  auto cluster =
      plain_cluster(1, 8, plain_specs({{0, 8, 93}, {1, 4, 10}}, 8), std::move(policy), settings);
  cluster.run();
  CHECK(cluster.facts().conflicts == 2);
  CHECK(cluster.facts().jobs[0].preemptions == 0);
  CHECK(cluster.facts().jobs[0].ended_at == at_s(97));
  CHECK(cluster.counts().finished == 2);
  CHECK_FALSE(held_twice(cluster.facts()));
}

TEST_CASE("jobs that could never run are rejected and listed with the reason", "[jobs]") {
  std::vector<JobSpec> specs =
      plain_specs({{0, 64, 10}, {0, 4, 10}, {0, 1, -5}, {0, 1, 10}, {0, 16, 10}}, 8);
  specs[3].gang[0].each.gpu_kinds = 2;
  specs[4].required_topology = "rack";
  JobCluster cluster({}, plain_names(4), plain_facts(4, 8, 1), std::move(specs), scheduler("fifo"));
  cluster.run();
  CHECK(cluster.counts().rejected == 4);
  CHECK(cluster.counts().finished == 1);
  CHECK(cluster.counts().conserved());
  const auto& rejected = cluster.facts().rejected;
  REQUIRE(rejected.size() == 4);
  CHECK(rejected[0].reason == Reason::never_fits);
  CHECK(rejected[0].why == "it asks for 8 workers of 8 GPUs each; the empty cluster holds 4");
  CHECK(rejected[1].why == "its running time is negative");
  CHECK(rejected[2].reason == Reason::gpu_kind);
  CHECK(rejected[3].why == "no domain of the level \"rack\" holds its gang");
}

TEST_CASE("a policy that reads estimates needs jobs that state them", "[jobs]") {
  std::vector<JobSpec> specs = plain_specs({{0, 1, 10}}, 8);
  specs[0].user_estimate.reset();
  CHECK_THROWS_AS(plain_cluster(1, 8, specs, scheduler("sjf")), ConfigError);
  CHECK_NOTHROW(plain_cluster(1, 8, specs, scheduler("sjf", "{estimate: oracle}")));
}

TEST_CASE("a pending job keeps the scheduler's reason", "[jobs]") {
  auto cluster =
      plain_cluster(1, 8, plain_specs({{0, 8, 100}, {1, 4, 10}, {2, 1, 10}}, 8), scheduler("fifo"));
  cluster.advance(at_s(50));
  const NotNow why = cluster.why_pending(1);
  CHECK(why.reason == Reason::no_free_gpus);
  CHECK(why.nearest.gpu_milli == 4000);
  CHECK(cluster.why_pending(2) == NotNow{Reason::head_of_line, 1});
}

TEST_CASE("an elastic job grows by an eviction and a start in one cycle", "[jobs]") {
  std::vector<JobSpec> specs = plain_specs({{0, 1, 100}}, 8);
  specs[0].min_workers = 1;
  specs[0].max_workers = 4;
  auto policy = std::make_unique<Scripted>([](SchedulingCycle& cycle, int) {
    if (cycle.now() == at_s(0)) cycle.start(0, gpus_of_node(0, 1));
    if (cycle.now() == at_s(20)) {
      cycle.begin_group();
      CHECK(cycle.evict(0));
      Placement wider = gpus_of_node(0, 0x0F);
      wider.shares[0].workers = 4;
      CHECK(cycle.start(0, wider));
      cycle.end_group();
    }
  });
  auto cluster = plain_cluster(1, 8, std::move(specs), std::move(policy));
  cluster.run();
  CHECK(cluster.facts().jobs[0].gpu_time == (20 + 4 * 80) * kSecond);
  CHECK(cluster.facts().jobs[0].waited == Duration{});
}

TEST_CASE("a copy of a cluster goes on to the same facts", "[jobs]") {
  const auto jobs = random_jobs(7, 200, 16, 32);
  auto cluster = plain_cluster(4, 8, plain_specs(jobs, 8), scheduler("srtf"));
  cluster.advance(at_s(500));
  JobCluster copy = cluster;
  cluster.run();
  copy.run();
  REQUIRE(copy.facts().runs.size() == cluster.facts().runs.size());
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    CHECK(copy.facts().jobs[job].ended_at == cluster.facts().jobs[job].ended_at);
  }
}
