// Policies that share GPUs between jobs by what these report of their speed.
#include <memory>

#include "policies/elastic_places.hpp"
#include "policies/max_min_lp.hpp"
#include "policies/registry.hpp"
#include "tests/catch.hpp"

namespace plimsoll {

namespace {

ClusterView cluster(std::int32_t nodes, std::int32_t gpus) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  std::vector<std::string> names;
  for (std::int32_t i = 0; i < nodes; ++i) {
    facts->nodes.push_back({});
    facts->nodes.back().gpus = gpus;
    facts->nodes.back().gpu_kind = 0;
    names.push_back("n" + std::to_string(i));
  }
  return {std::move(names), std::move(facts)};
}

JobView job_of(std::int32_t workers) {
  JobView job;
  job.gang = {SubGang{workers, {}}};
  job.gang.front().each.gpus = 1;
  return job;
}

JobView elastic(std::int32_t most, std::vector<double> step_s, double steps) {
  JobView job = job_of(1);
  job.min_workers = 1;
  job.max_workers = most;
  JobSpeed speed;
  speed.step_s = std::move(step_s);
  job.report = {std::make_shared<const JobSpeed>(std::move(speed)), steps, {}};
  return job;
}

void add(ClusterView& view, JobView job) {
  job.id = view.jobs().size();
  view.jobs().add("j" + std::to_string(job.id), std::move(job));
}

std::unique_ptr<SchedulingPolicy> make(const char* name) {
  static const PolicyRegistry registry = builtin_policies();
  return registry.scheduling(name)->make({1, "test", &registry});
}

void run(SchedulingPolicy& policy, ClusterView& view, SimTime now) {
  SchedulingCycle cycle(view, now);
  policy.cycle(cycle);
}

SimTime at_hours(int hours) { return SimTime{std::chrono::hours{hours}}; }

}  // namespace

TEST_CASE("optimus gives GPUs to the job whose end they bring nearest", "[policies][scheduling]") {
  ClusterView view = cluster(2, 4);
  const std::vector<double> scales{8, 4, 3, 2, 1.6, 1.4, 1.2, 1}, flat(8, 8.0);
  add(view, elastic(8, flat, 1000));
  add(view, elastic(8, scales, 1000));
  run(*make("optimus"), view, SimTime{});
  CHECK(view.jobs().row(0).held_gpus() == 1);
  CHECK(view.jobs().row(1).held_gpus() == 7);
}

TEST_CASE("tiresias demotes a job that had its share, and lets whoever fits run",
          "[policies][scheduling]") {
  ClusterView view = cluster(1, 4);
  const auto policy = make("tiresias");
  add(view, job_of(4));
  run(*policy, view, SimTime{});
  CHECK(policy->next_review(view, SimTime{}) == at_hours(4));
  add(view, job_of(3));
  add(view, job_of(2));
  add(view, job_of(1));
  run(*policy, view, at_hours(1));
  CHECK(view.jobs().row(0).phase == JobPhase::running);
  run(*policy, view, at_hours(4));
  CHECK(view.jobs().row(0).phase == JobPhase::pending);
  CHECK(view.jobs().row(1).phase == JobPhase::running);
  CHECK(view.jobs().row(2).phase == JobPhase::pending);
  CHECK(view.jobs().row(3).phase == JobPhase::running);
}

TEST_CASE("pollux starts jobs on one GPU, and doubles what they have tried",
          "[policies][scheduling]") {
  ClusterView view = cluster(4, 4);
  JobView job = job_of(1);
  job.min_workers = 1;
  job.max_workers = 16;
  JobSpeed speed;
  speed.goodput = GoodputModel{{0.01, 0.01, 0.01, 0, 0.01, 0, 1}, 16, 4096, 1, 64, 0};
  job.report = {std::make_shared<const JobSpeed>(speed), 0, {1, 1e6}};
  add(view, job);
  const auto policy = make("pollux");
  std::vector<std::int32_t> held;
  for (int hour = 1; hour <= 5; ++hour) {
    run(*policy, view, at_hours(hour));
    held.push_back(view.jobs().row(0).held_gpus());
  }
  CHECK(held == std::vector<std::int32_t>{1, 2, 4, 8, 16});
}

TEST_CASE("elastic places let no two jobs on several nodes share a node",
          "[policies][scheduling]") {
  ClusterView view = cluster(3, 4);
  ElasticPlaces places(view, {});
  const JobView job = job_of(1);
  const Placement first = places.place(job, 1, 6);
  REQUIRE(first.shares.size() == 2);
  const Placement second = places.place(job, 1, 6);
  REQUIRE(second.shares.size() == 1);
  CHECK(second.shares[0].workers == 4);
  CHECK(places.place(job, 1, 1).shares.size() == 1);
}

TEST_CASE("max-min shares make the worst-off job as well off as can be", "[policies][scheduling]") {
  // Gavel, section 4.1: speeds on two kinds, one GPU of each; the job that gains most from the fast one gets it.
  const std::vector<double> gpus{1, 1};
  const std::vector<std::vector<double>> speeds{{40, 10}, {12, 4}, {100, 50}};
  std::vector<LikeJobs> jobs;
  for (const auto& speed : speeds) jobs.push_back({1, 1, max_min_rates(speed, 1, 1, gpus)});
  const Shares shares = best_shares(jobs, gpus).shares;
  double least = 1e9;
  for (std::size_t c = 0; c < jobs.size(); ++c) {
    double had = 0, fair = 0, time = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      had += speeds[c][k] * shares[c][k];
      fair += speeds[c][k] / 2;
      time += shares[c][k];
    }
    CHECK(time <= 1 + 1e-9);
    least = std::min(least, had / fair);
  }
  CHECK(least > 2.0 / 3 + 0.03);  // equal shares of both kinds give 2/3 to each
  for (std::size_t k = 0; k < 2; ++k) CHECK(shares[0][k] + shares[1][k] + shares[2][k] <= 1 + 1e-9);
}

TEST_CASE("gavel_max_min runs all jobs where there is room, and takes turns where there is not",
          "[policies][scheduling]") {
  ClusterView view = cluster(2, 1);
  const auto policy = make("gavel_max_min");
  for (int i = 0; i < 3; ++i) add(view, job_of(1));
  std::vector<int> rounds(3, 0);
  for (int round = 0; round < 30; ++round) {
    run(*policy, view, SimTime{std::chrono::seconds{360 * round}});
    int running = 0;
    for (std::uint32_t job = 0; job < 3; ++job) {
      if (view.jobs().row(job).phase != JobPhase::running) continue;
      ++rounds[job];
      ++running;
    }
    CHECK(running == 2);
  }
  for (const int had : rounds) CHECK(std::abs(had - 20) <= 2);
}

}  // namespace plimsoll
