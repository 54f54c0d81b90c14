// MIG partitions in placement: which GPU and which slices, against the inventory of devices as the oracle.
#include <algorithm>
#include <bit>

#include "core/error.hpp"
#include "hardware/devices/device_inventory.hpp"
#include "policies/mig_profiles.hpp"
#include "policies/node_fit.hpp"
#include "tests/catch.hpp"
#include "tests/unit/policies/drawn_cluster.hpp"

namespace plimsoll::test {
namespace {

MigSpec seven_slices() {
  return {7,
          8,
          {{"1g.10gb", 1, 1, {0, 1, 2, 3, 4, 5, 6}, {}},
           {"1g.20gb", 1, 2, {0, 2, 4, 6}, {}},
           {"2g.20gb", 2, 2, {0, 2, 4}, {}},
           {"3g.40gb", 3, 4, {0, 4}, {}},
           {"4g.40gb", 4, 4, {0}, {}},
           {"7g.80gb", 7, 8, {0}, {}}},
          "NVIDIA MIG user guide"};
}
MigSpec four_slices() {
  return {4,
          4,
          {{"1g.6gb", 1, 1, {0, 1, 2, 3}, {}},
           {"2g.12gb", 2, 2, {0, 2}, {}},
           {"4g.24gb", 4, 4, {0}, {}}},
          "NVIDIA MIG user guide"};
}

/// Nodes of so many GPUs each, all shared by MIG.
ClusterView mig_cluster(const std::vector<std::int32_t>& gpus, const MigSpec& spec) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  facts->levels = {"rack"};
  std::vector<std::string> names;
  for (const std::int32_t on_node : gpus) {
    facts->nodes.push_back(node_with(on_node));
    names.push_back("n" + std::to_string(names.size()));
  }
  share_by_mig(*facts, std::vector<const MigSpec*>(gpus.size(), &spec));
  return {std::move(names), std::move(facts)};
}

JobView one(const ResourceRequest& worker) {
  JobView job;
  job.gang = {{1, worker}};
  return job;
}

void apply(ClusterView& view, const std::vector<NodeShare>& shares) {
  for (const NodeShare& share : shares) {
    REQUIRE(can_take(view.nodes().row(share.node), share));
    view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
  }
}
void undo(ClusterView& view, const std::vector<NodeShare>& shares) {
  for (const NodeShare& share : shares) {
    view.nodes().update(share.node, [&](NodeRow& row) { give_back(row, share); });
  }
}

TEST_CASE("partitions go where the inventory of devices has room, at the start that it chooses",
          "[policies][placement][mig]") {
  for (const MigSpec& spec : {seven_slices(), four_slices()}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      ClusterView view = mig_cluster({4}, spec);
      DeviceInventory inventory;
      for (int gpu = 0; gpu < 4; ++gpu) {
        GpuDevice device{"gpu-" + std::to_string(gpu), "", ""};
        device.sharing = GpuSharing::mig;
        device.mig = spec;
        inventory.add(device);
      }
      const auto fit = rule("tightest_fit");
      Dice dice(seed);
      std::vector<std::pair<std::int64_t, NodeShare>> running;
      std::size_t refused = 0;
      for (int step = 0; step < 2000; ++step) {
        const auto number = dice.upto(static_cast<std::int32_t>(spec.profiles.size()));
        const bool whole = number == static_cast<std::int32_t>(spec.profiles.size());
        const std::string profile =
            whole ? "" : spec.profiles[static_cast<std::size_t>(number)].name;
        ResourceRequest worker;
        worker.gpus = 1;
        if (!whole) worker = mig_worker(view.facts(), profile);
        const Placement placement = fit->place(view, one(worker));
        if (placement.placed()) {
          const NodeShare& share = placement.shares.front();
          const std::int32_t gpu = std::countr_zero(share.devices);
          const auto grant =
              whole ? inventory.take_whole(gpu) : inventory.take_partition(gpu, profile);
          REQUIRE(grant);
          if (!whole) REQUIRE(grant->start == std::countr_zero(share.mig_slices));
          REQUIRE(grant->milli == share.gpu_milli);
          apply(view, placement.shares);
          running.emplace_back(grant->id, share);
        } else {
          ++refused;
          for (std::int32_t gpu = 0; gpu < 4; ++gpu) {
            REQUIRE(
                (whole ? !inventory.is_free(gpu) : inventory.free_starts(gpu, profile).empty()));
          }
        }
        for (std::size_t gpu = 0; gpu < 4; ++gpu) {
          REQUIRE(view.nodes().row(0).free_gpu_milli[gpu] ==
                  inventory.free_milli(static_cast<std::int32_t>(gpu)));
        }
        while (!running.empty() && dice.upto(2) == 0) {
          const auto ends =
              static_cast<std::size_t>(dice.upto(static_cast<std::int32_t>(running.size()) - 1));
          REQUIRE(inventory.release(running[ends].first));
          undo(view, {running[ends].second});
          running.erase(running.begin() + static_cast<std::ptrdiff_t>(ends));
        }
      }
      CHECK(refused > 100);
    }
  }
}

TEST_CASE("a GPU with a partition is neither taken whole nor by a share, and the other way round",
          "[policies][placement][mig]") {
  const MigSpec spec = seven_slices();
  ClusterView view = mig_cluster({1}, spec);
  const auto fit = rule("tightest_fit");
  const ResourceRequest small = mig_worker(view.facts(), "1g.10gb");
  ResourceRequest share;
  share.gpus = 1;
  share.gpu_milli = 100;
  ResourceRequest whole;
  whole.gpus = 1;
  const auto partition = fit->place(view, one(small)).shares;
  CHECK(partition.front().mig_slices == 0b0100'0000);
  apply(view, partition);
  CHECK(fit->place(view, one(share)).why_not.reason == Reason::no_free_gpus);
  CHECK(fit->place(view, one(share)).why_not.nearest.gpu_milli == 100);
  CHECK_FALSE(fit->place(view, one(whole)).placed());
  CHECK(fit->place(view, one(small)).placed());
  undo(view, partition);
  const auto tenth = fit->place(view, one(share)).shares;
  apply(view, tenth);
  CHECK_FALSE(fit->place(view, one(small)).placed());
  CHECK(fit->place(view, one(share)).placed());
  undo(view, tenth);
  CHECK(view.nodes().row(0) == idle_node(view.facts().nodes[0]));
}

TEST_CASE("every rule places gangs of partitions on what is free", "[policies][placement][mig]") {
  const MigSpec spec = seven_slices();
  for (const std::string& name : rule_names()) {
    INFO(name);
    Dice dice(stable_hash(name));
    ClusterView view = mig_cluster({8, 8, 4, 2, 2, 1, 4, 8}, spec);
    const auto kept = rule(name);
    std::vector<std::vector<NodeShare>> running;
    std::size_t refused = 0;
    for (std::uint32_t id = 0; id < 400; ++id) {
      ResourceRequest worker;
      worker.gpus = dice.one_of({1, 1, 2});
      if (worker.gpus == 1 && dice.upto(1) == 0) worker.gpu_milli = 300;
      if (dice.upto(3) > 0) {
        worker =
            mig_worker(view.facts(), spec.profiles[static_cast<std::size_t>(dice.upto(5))].name);
      }
      JobView job;
      job.id = id;
      job.gang = {{dice.one_of({1, 2, 7}), worker}};
      const Placement placement = kept->place(view, job);
      REQUIRE(rule(name)->place(view, job) == placement);
      std::int64_t milli = 0;
      for (const NodeShare& share : placement.shares) {
        milli += std::int64_t{share.gpu_milli} * std::popcount(share.devices);
      }
      if (placement.placed()) {
        CHECK(milli == job.gang[0].workers * gpu_milli_sum(worker));
        apply(view, placement.shares);
        running.push_back(placement.shares);
      } else {
        ++refused;
      }
      while (!running.empty() && dice.upto(2) == 0) {
        undo(view, running.back());
        running.pop_back();
      }
    }
    CHECK(refused > 10);
    for (const auto& shares : running) undo(view, shares);
    for (std::uint32_t row = 0; row < view.nodes().size(); ++row) {
      CHECK(view.nodes().row(row) == idle_node(view.facts().nodes[row]));
    }
  }
}

TEST_CASE("an idle node holds as many partitions as its slices allow", "[policies][mig]") {
  const MigSpec spec = seven_slices();
  const ClusterView view = mig_cluster({2}, spec);
  const auto most = [&](const char* profile) {
    return workers_when_idle(view.facts().nodes[0], mig_worker(view.facts(), profile));
  };
  CHECK(most("1g.10gb") == 14);
  CHECK(most("1g.20gb") == 8);
  CHECK(most("2g.20gb") == 6);
  CHECK(most("3g.40gb") == 4);
  CHECK(most("4g.40gb") == 2);
  CHECK(most("7g.80gb") == 2);
}

TEST_CASE("a profile that no GPU has, or that means two things, is refused", "[policies][mig]") {
  const MigSpec seven = seven_slices();
  MigSpec four = four_slices();
  four.profiles[0].name = "1g.10gb";
  ClusterFacts facts;
  facts.gpu_kinds = {"gpu", "other_gpu"};
  facts.nodes = {node_with(1, 0), node_with(1, 1), node_with(1, 1)};
  share_by_mig(facts, std::vector<const MigSpec*>{&seven, &four, nullptr});
  CHECK_THROWS_AS(mig_worker(facts, "1g.11gb"), ConfigError);
  CHECK_THROWS_AS(mig_worker(facts, "1g.10gb"), ConfigError);
  CHECK_THROWS_AS(mig_worker(facts, "7g.80gb", 0b10), ConfigError);
  CHECK(mig_worker(facts, "1g.10gb", 0b01).gpu_milli == 142);
  CHECK(mig_worker(facts, "1g.10gb", 0b10).gpu_milli == 250);
  CHECK(mig_worker(facts, "4g.24gb").gpu_kinds == 0b10);
  MigSpec large = seven;
  large.memory_slices = 16;
  CHECK_THROWS_AS(share_by_mig(facts, std::vector<const MigSpec*>{&large}), ConfigError);
}

}  // namespace
}  // namespace plimsoll::test
