// What every registered placement rule must hold, on random clusters that fill up and empty again.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "core/portable_math.hpp"
#include "policies/node_fit.hpp"
#include "policies/typical_workers.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

namespace plimsoll::test {
namespace {

void apply(ClusterView& view, const Placement& placement) {
  for (const NodeShare& share : placement.shares) {
    REQUIRE(can_take(view.nodes().row(share.node), share));
    view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
  }
}

void undo(ClusterView& view, const Placement& placement) {
  for (const NodeShare& share : placement.shares) {
    view.nodes().update(share.node, [&](NodeRow& row) { give_back(row, share); });
  }
}

JobView random_job(Dice& dice, std::uint32_t id) {
  JobView job;
  job.id = id;
  job.gang.push_back({dice.one_of({1, 1, 1, 2, 3, 5}), random_worker(dice)});
  if (dice.upto(4) == 0) job.gang.push_back({1 + dice.upto(1), random_worker(dice)});
  if (dice.upto(9) == 0) job.required_level = 0;
  if (dice.upto(9) == 0) job.preferred_level = 0;
  return job;
}

/// What the shares hand out is what the gang asks for, on nodes that may serve it.
void check_is_the_gang(const ClusterView& view, const JobView& job, const Placement& placement) {
  std::int64_t workers = 0;
  std::int64_t gpu_milli = 0;
  std::int64_t cpu_milli = 0;
  for (const SubGang& part : job.gang) {
    workers += part.workers;
    gpu_milli += std::int64_t{part.workers} * part.each.gpus *
                 (part.each.gpus > 0 ? part.each.gpu_milli : 0);
    cpu_milli += part.workers * part.each.cpu_milli;
  }
  std::vector<std::uint32_t> racks;
  for (const NodeShare& share : placement.shares) {
    workers -= share.workers;
    gpu_milli -= std::int64_t{share.gpu_milli} * std::popcount(share.devices);
    cpu_milli -= share.cpu_milli;
    racks.push_back(view.facts().nodes[share.node].domain[0]);
  }
  CHECK(workers == 0);
  CHECK(gpu_milli == 0);
  CHECK(cpu_milli == 0);
  if (job.required_level == 0) CHECK(std::ranges::count(racks, racks.front()) == std::ssize(racks));
}

/// Sampling rules remember where they stopped; below 100 nodes they look at all.
constexpr std::uint32_t kNodes = 60;

TEST_CASE("every rule places whole gangs on what is free, and the same from a copy or from scratch",
          "[policies][placement]") {
  for (const std::string& name : rule_names()) {
    INFO(name);
    Dice dice(stable_hash(name));
    ClusterView view = random_cluster(dice, kNodes);
    auto kept = rule(name);
    std::vector<std::pair<JobView, Placement>> running;
    std::size_t refused = 0;
    for (std::uint32_t id = 0; id < 400; ++id) {
      const JobView job = random_job(dice, id);
      const auto copy = kept->clone();
      const Placement placement = kept->place(view, job);
      REQUIRE(copy->place(view, job) == placement);
      REQUIRE(rule(name)->place(view, job) == placement);
      if (placement.placed()) {
        apply(view, placement);
        check_is_the_gang(view, job, placement);
        running.emplace_back(job, placement);
      } else {
        ++refused;
        CHECK(placement.shares.empty());
      }
      while (!running.empty() && dice.upto(3) == 0) {
        const auto leaves =
            static_cast<std::size_t>(dice.upto(static_cast<std::int32_t>(running.size()) - 1));
        undo(view, running[leaves].second);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(leaves));
      }
    }
    CHECK(refused > 10);
    for (const auto& [job, placement] : running) undo(view, placement);
    for (std::uint32_t row = 0; row < kNodes; ++row) {
      CHECK(view.nodes().row(row) == idle_node(view.facts().nodes[row]));
    }
  }
}

TEST_CASE("where nodes score alike, the first name wins", "[policies][placement]") {
  for (const std::string& name : rule_names()) {
    if (name == "random_fit") continue;
    INFO(name);
    const ClusterView view = cluster("n0 AA.. n1 AA.. n2 AA..");
    CHECK(nodes(view, rule(name)->place(view, gang(1, 1))) == "n0");
  }
}

/// FGD by its definition, over all nodes: reference for the index and the tables behind the rule.
class PlainFgd {
 public:
  explicit PlainFgd(std::vector<TypicalWorker> typical) : typical_(std::move(typical)) {}

  double fragmentation(const NodeFacts& node, std::int64_t cpu,
                       const std::vector<std::int64_t>& gpus) const {
    std::array<double, 6> by_cause{};  // lacks both, GPU, CPU; needs no GPU, nor has CPU; kind
    std::int64_t free = 0;
    for (const std::int64_t gpu : gpus) free += gpu;
    for (const TypicalWorker& worker : typical_) {
      std::int32_t fit = 0;
      std::int64_t unusable = 0;
      for (const std::int64_t gpu : gpus) {
        fit += gpu >= worker.gpu_milli ? 1 : 0;
        unusable += gpu < worker.gpu_milli ? gpu : 0;
      }
      const bool enough = cpu >= worker.cpu_milli;
      std::size_t cause = enough ? 1 : 0;
      double lost = static_cast<double>(free);
      if (worker.gpus == 0) {
        cause = enough ? 3 : 4;
      } else if (node.gpu_kind < 0 || (worker.gpu_kinds >> node.gpu_kind & 1) == 0) {
        cause = 5;
      } else if (fit >= worker.gpus) {
        cause = enough ? 1 : 2;
        if (enough) lost = static_cast<double>(unusable);
      }
      by_cause[cause] += worker.weight * lost;
    }
    double sum = 0;
    for (const double lost : by_cause) sum += lost;
    return sum;
  }

  /// (node, devices), or nothing.
  std::optional<std::pair<std::uint32_t, std::uint16_t>> place(
      const ClusterView& view, const ResourceRequest& worker) const {
    std::optional<std::pair<std::uint32_t, std::uint16_t>> best;
    std::int32_t best_score = -1;
    for (std::uint32_t row = 0; row < view.nodes().size(); ++row) {
      const NodeState node{view.facts().nodes[row], view.nodes().row(row), row};
      if (first_failed(node, worker) != NodeFilter::passed) continue;
      const std::vector<std::int64_t> gpus(node.free_gpu_milli().begin(),
                                           node.free_gpu_milli().end());
      const double before = fragmentation(node.facts, node.row.free_cpu_milli, gpus);
      const bool share = asks_for_share(worker);
      for (std::size_t gpu = 0; gpu < (share ? gpus.size() : 1); ++gpu) {
        std::vector<std::int64_t> after = gpus;
        std::uint16_t devices = first_idle_gpus(node, worker.gpus);
        if (share) devices = static_cast<std::uint16_t>(1U << gpu);
        if (share && gpus[gpu] < worker.gpu_milli) continue;
        for (std::size_t i = 0; i < after.size(); ++i) {
          if (devices >> i & 1) after[i] -= worker.gpu_milli;
        }
        const double now =
            fragmentation(node.facts, node.row.free_cpu_milli - worker.cpu_milli, after);
        const double x = (before - now) / 1000;
        const auto score = static_cast<std::int32_t>(1.0 / (1.0 + portable::exp(-x)) * 100.0);
        if (score > best_score) {
          best_score = score;
          best = {row, devices};
        }
      }
    }
    return best;
  }

 private:
  std::vector<TypicalWorker> typical_;
};

TEST_CASE("fgd places every worker where its definition, tried on all nodes, does",
          "[policies][placement]") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Dice dice(100 + seed);
    ClusterView view = random_cluster(dice, 80);
    std::vector<ResourceRequest> classes;
    for (int i = 0; i < 25; ++i) classes.push_back(random_worker(dice));
    for (std::uint32_t id = 0; id < 60; ++id) {
      JobView job;
      job.id = id;
      job.gang = {{1, classes[static_cast<std::size_t>(dice.upto(24))]}};
      view.jobs().add("j" + std::to_string(id), job);
    }
    const PlainFgd plain(typical_workers(count_workers(view.jobs().rows()), 95));
    const auto fgd = rule("fgd");
    std::vector<Placement> running;
    for (std::uint32_t id = 0; id < 500; ++id) {
      JobView job;
      job.gang = {{1, classes[static_cast<std::size_t>(dice.upto(24))]}};
      const Placement placement = fgd->place(view, job);
      const auto expected = plain.place(view, job.gang[0].each);
      REQUIRE(placement.placed() == expected.has_value());
      if (expected) {
        REQUIRE(placement.shares.front().node == expected->first);
        REQUIRE(placement.shares.front().devices == expected->second);
        running.push_back(placement);
        apply(view, placement);
      }
      if (running.size() > 150) {
        undo(view, running.front());
        running.erase(running.begin());
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::test
