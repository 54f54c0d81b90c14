// Placement laws: no GPU is held twice, a replica stays in one node, and nothing is refused that has room.
#include "scenario/placement.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

TEST_CASE("replicas fill the first node that has room, on its lowest GPUs", "[scenario]") {
  const NodeGroupSize groups[] = {{2, 8}};
  const PoolDemand pools[] = {{0, 1, 4}, {0, 1, 8}, {0, 2, 2}};
  const auto placed = place_replicas(groups, pools);
  CHECK(placed[0][0].gpus == std::vector<std::int32_t>{0, 1, 2, 3});
  CHECK(placed[1][0].node == 1);
  CHECK(placed[2][1].node == 0);
  CHECK(placed[2][1].gpus == std::vector<std::int32_t>{6, 7});
}

TEST_CASE("no GPU is held twice and a pool falls short only when no node has room", "[scenario]") {
  const RandomStream random(3, "tests/scenario/placement", "demands");
  for (std::uint64_t round = 0; round < 500; ++round) {
    std::uint64_t lane = 0;
    const auto draw = [&](std::uint32_t bound) {
      return static_cast<std::int32_t>(below(bound, random.bits(round, lane++)));
    };
    std::vector<NodeGroupSize> groups(static_cast<std::size_t>(1 + draw(3)));
    for (NodeGroupSize& group : groups) group = {draw(6), 1 + draw(8)};
    std::vector<PoolDemand> pools(static_cast<std::size_t>(draw(6)));
    for (PoolDemand& pool : pools)
      pool = {static_cast<std::size_t>(draw(static_cast<std::uint32_t>(groups.size()))), draw(12),
              1 + draw(8)};

    const auto placed = place_replicas(groups, pools);
    REQUIRE(placed.size() == pools.size());
    std::set<std::tuple<std::size_t, std::int32_t, std::int32_t>> held;
    for (std::size_t p = 0; p < pools.size(); ++p) {
      const PoolDemand& pool = pools[p];
      const NodeGroupSize& group = groups[pool.group];
      REQUIRE(static_cast<std::int32_t>(placed[p].size()) <= pool.replicas);
      for (const ReplicaPlacement& replica : placed[p]) {
        CHECK(static_cast<std::int32_t>(replica.gpus.size()) == pool.gpus_per_replica);
        CHECK((replica.node >= 0 && replica.node < group.nodes));
        for (const std::int32_t gpu : replica.gpus) {
          CHECK((gpu >= 0 && gpu < group.gpus_per_node));
          CHECK(held.insert({pool.group, replica.node, gpu}).second);
        }
      }
      if (static_cast<std::int32_t>(placed[p].size()) == pool.replicas) continue;
      for (std::int32_t node = 0; node < group.nodes; ++node) {
        const auto in_use = std::count_if(held.begin(), held.end(), [&](const auto& gpu) {
          return std::get<0>(gpu) == pool.group && std::get<1>(gpu) == node;
        });
        CHECK(group.gpus_per_node - in_use < pool.gpus_per_replica);
      }
    }
  }
}
