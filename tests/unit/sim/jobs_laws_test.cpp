// Laws that hold for schedulers of jobs, whatever they decide.
#include <algorithm>
#include <bit>
#include <cmath>

#include "core/exponential.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/per_second_jobs.hpp"
#include "tests/oracle/plain_jobs.hpp"

using namespace plimsoll;
using namespace plimsoll::oracle;

namespace {

JobRunFacts facts_of(JobCluster cluster) {
  cluster.run();
  return cluster.take_facts();
}

}  // namespace

TEST_CASE("every scheduler holds no GPU twice, loses no job, and evicts none that must stay",
          "[jobs][laws]") {
  for (const std::string& name : all_policies().scheduling_names()) {
    const std::string settings = name == "gittins" ? "{history: [10s, 60s, 300s, 400s]}" : "{}";
    for (const std::uint64_t seed : {1U, 2U}) {
      CAPTURE(name, seed);
      std::unique_ptr<SchedulingPolicy> policy = scheduler(name, settings);
      const auto jobs = random_jobs(seed, 120, 16, 32);
      JobClusterSettings slow{5 * kSecond, seed == 2 ? 2 * kSecond : Duration{}, {}};
      auto specs = plain_specs(jobs, 8);
      for (std::size_t job = 0; job < specs.size(); job += 3) specs[job].preemptible = false;
      auto cluster = plain_cluster(4, 8, std::move(specs), std::move(policy), slow);
      for (std::int64_t t = 0; t < 20000 && cluster.next() != kNever; t += 100) {
        cluster.advance(at_s(t));
        REQUIRE(cluster.counts().conserved());
      }
      CHECK(cluster.counts().submitted == jobs.size());
      CHECK_FALSE(held_twice(cluster.facts()));
      for (std::size_t job = 0; job < jobs.size(); job += 3)
        CHECK(cluster.facts().jobs[job].preemptions == 0);
      // Decisions that land at once find the cluster as it was; later ones may find that a job has ended.
      if (slow.cycle_latency == Duration{}) CHECK(cluster.facts().conflicts == 0);
    }
  }
}

TEST_CASE("jobs end when an independent simulator that ticks says so", "[jobs][laws][oracle]") {
  const std::vector<std::pair<TickPolicy, std::pair<std::string, std::string>>> kPolicies{
      {TickPolicy::fifo, {"fifo", "{}"}},
      {TickPolicy::sjf, {"sjf", "{estimate: oracle}"}},
      {TickPolicy::srtf, {"srtf", "{estimate: oracle}"}}};
  for (const auto& [tick, named] : kPolicies) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(named.first, seed);
      const auto jobs = random_jobs(seed, 80, seed % 2 == 0 ? 4 : 16, 16);
      const auto ticked = PerSecondJobs(jobs, 4, 4, tick).run();
      const auto facts =
          facts_of(plain_cluster(4, 4, plain_specs(jobs, 4), scheduler(named.first, named.second)));
      std::size_t equal = 0;
      for (std::size_t job = 0; job < jobs.size(); ++job) {
        equal += facts.jobs[job].first_start == at_s(ticked[job].start_s) &&
                 facts.jobs[job].ended_at == at_s(ticked[job].end_s) &&
                 facts.jobs[job].preemptions == ticked[job].preemptions;
      }
      CHECK(equal == jobs.size());
    }
  }
}

TEST_CASE("with exact running times no backfilled job delays the first job's reservation",
          "[jobs][laws]") {
  // The reservation of a head is the time at which it would start if nothing behind it ever did. So: simulate the
  // cluster that holds the running jobs and the head alone, at each instant at which a job becomes the head.
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const auto jobs = random_jobs(seed, 100, 16, 40);
    auto cluster =
        plain_cluster(4, 4, plain_specs(jobs, 4), scheduler("easy_backfill", "{estimate: oracle}"));
    std::vector<SimTime> promised(jobs.size(), kNever);
    while (cluster.next() != kNever) {
      cluster.advance(cluster.next());
      const auto& facts = cluster.facts();
      std::size_t head = 0;
      while (head < jobs.size() && facts.jobs[head].state != JobState::pending) ++head;
      if (head == jobs.size()) continue;
      // Free GPUs per node over time, in plain integers.
      std::vector<int> free(4, 4);
      std::vector<std::pair<SimTime, NodeShare>> ends;
      for (const JobRun& run : facts.runs) {
        if (run.until != kNever) continue;
        const SimTime end = run.from + jobs[run.job].duration_s * kSecond;
        for (const NodeShare& share : facts.placement(run)) {
          free[share.node] -= std::popcount(share.devices);
          ends.emplace_back(end, share);
        }
      }
      std::sort(ends.begin(), ends.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
      const auto fits = [&] {
        int whole = 0, largest = 0;
        for (const int gpus : free) {
          whole += gpus == 4;
          largest = std::max(largest, gpus);
        }
        return jobs[head].gpus <= 4 ? largest >= jobs[head].gpus : whole >= jobs[head].gpus / 4;
      };
      SimTime reservation = cluster.now();
      for (std::size_t at = 0; at < ends.size() && !fits();) {
        reservation = ends[at].first;
        for (; at < ends.size() && ends[at].first == reservation; ++at) {
          free[ends[at].second.node] += std::popcount(ends[at].second.devices);
        }
      }
      REQUIRE(fits());
      // Jobs that were backfilled since may outlive the reservation, but never move it back.
      CHECK(reservation <= promised[head]);
      promised[head] = std::min(promised[head], reservation);
    }
    for (std::size_t job = 0; job < jobs.size(); ++job) {
      CHECK(cluster.facts().jobs[job].first_start <= promised[job]);
    }
  }
}

TEST_CASE(
    "under conservative backfill each job starts at the earliest time that delays none before it",
    "[jobs][laws]") {
  // With exact running times a reservation is kept to the second. So whoever came later does not count: given where the
  // jobs before it ran, a job starts at the first instant from which its GPUs are free for as long as it runs.
  struct Held {
    SimTime from, until;
    NodeShare share;
  };
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const auto jobs = random_jobs(seed, 100, 16, 40);
    const auto facts =
        facts_of(plain_cluster(4, 4, plain_specs(jobs, 4),
                               scheduler("conservative_backfill", "{estimate: oracle, depth: 0}")));
    REQUIRE(facts.runs.size() == jobs.size());
    std::vector<const JobRun*> run_of(jobs.size());
    for (const JobRun& run : facts.runs) run_of[run.job] = &run;
    std::vector<Held> before;
    std::size_t at_once = 0;
    for (std::size_t job = 0; job < jobs.size(); ++job) {
      const auto fits_from = [&](SimTime from) {
        const SimTime until = from + jobs[job].duration_s * kSecond;
        std::vector<unsigned> taken(4, 0);
        for (const Held& held : before) {
          if (held.from < until && from < held.until) taken[held.share.node] |= held.share.devices;
        }
        int whole = 0, largest = 0;
        for (const unsigned devices : taken) {
          const int free = 4 - std::popcount(devices);
          whole += free == 4;
          largest = std::max(largest, free);
        }
        return jobs[job].gpus <= 4 ? largest >= jobs[job].gpus : whole >= jobs[job].gpus / 4;
      };
      std::vector<SimTime> instants{at_s(jobs[job].submitted_s)};
      for (const Held& held : before) {
        if (held.until > instants.front()) instants.push_back(held.until);
      }
      std::sort(instants.begin(), instants.end());
      CHECK(facts.jobs[job].first_start ==
            *std::find_if(instants.begin(), instants.end(), fits_from));
      at_once += facts.jobs[job].waited == Duration{};
      for (const NodeShare& share : facts.placement(*run_of[job])) {
        before.push_back({run_of[job]->from, run_of[job]->until, share});
      }
    }
    CHECK(at_once < jobs.size() / 2);
  }
}

TEST_CASE("backfill lets jobs start earlier on average than strict order", "[jobs][laws]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const auto specs = plain_specs(random_jobs(seed, 150, 16, 32), 8);
    const double strict = mean_jct_s(facts_of(plain_cluster(4, 8, specs, scheduler("fifo"))));
    CHECK(mean_jct_s(facts_of(plain_cluster(4, 8, specs, scheduler("easy_backfill")))) < strict);
    CHECK(mean_jct_s(facts_of(plain_cluster(
              4, 8, specs, scheduler("conservative_backfill", "{depth: 0}")))) < strict);
  }
}

TEST_CASE("on one server shortest remaining time first has the least mean JCT", "[jobs][laws]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const auto specs = plain_specs(random_jobs(seed, 150, 1, 3), 1);
    const double srtf = mean_jct_s(facts_of(plain_cluster(1, 1, specs, scheduler("srtf"))));
    for (const char* other : {"fifo", "sjf", "las", "first_fit"}) {
      CHECK(srtf <= mean_jct_s(facts_of(plain_cluster(1, 1, specs, scheduler(other)))));
    }
  }
}

TEST_CASE("one-GPU jobs under FIFO wait as M/M/c says", "[jobs][laws]") {
  constexpr int kServers = 4;
  constexpr double kLoad = 0.8;  // of each server
  constexpr std::size_t kJobs = 40000;
  const RandomStream random(3, "tests/mmc", "draws");
  const Duration service = 100 * kSecond;
  const Duration gap{
      static_cast<std::int64_t>(static_cast<double>(to_ns(service)) / (kServers * kLoad))};
  std::vector<JobSpec> specs;
  SimTime at{};
  for (std::size_t job = 0; job < kJobs; ++job) {
    at += exponential(gap, random.bits(2 * job));
    JobSpec spec = plain_spec({}, 1);
    spec.submitted_at = at;
    spec.model = std::make_shared<FixedTimeJob>(exponential(service, random.bits(2 * job + 1)));
    specs.push_back(std::move(spec));
  }
  const auto facts = facts_of(plain_cluster(1, kServers, std::move(specs), scheduler("fifo")));
  // Erlang C: the chance to wait, times the mean wait of those who do.
  const double offered = kServers * kLoad;
  double sum = 0, term = 1;
  for (int k = 0; k < kServers; ++k) {
    sum += term;
    term *= offered / (k + 1);
  }
  const double waits = term / (1 - kLoad) / (sum + term / (1 - kLoad));
  const double expected = waits * 100 / (kServers * (1 - kLoad));
  // Waits are correlated: the spread of the means of 40 batches tells the confidence interval.
  constexpr std::size_t kBatch = kJobs / 40;
  double mean = 0, squares = 0;
  for (std::size_t batch = 0; batch < 40; ++batch) {
    double part = 0;
    for (std::size_t job = 0; job < kBatch; ++job) {
      part += to_seconds(facts.jobs[batch * kBatch + job].waited) / kBatch;
    }
    mean += part / 40;
    squares += part * part / 40;
  }
  const double error = std::sqrt((squares - mean * mean) / 39);
  CHECK(std::abs(mean - expected) < 3 * error);
  CHECK(error < 0.1 * expected);
}
