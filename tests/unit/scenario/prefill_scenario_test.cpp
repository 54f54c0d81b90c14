// Scenarios with prefill replicas: where they get their GPUs, and what is said of wrong ones.
#include "tests/catch.hpp"
#include "tests/unit/scenario/written_scenario.hpp"

using namespace plimsoll;
using namespace plimsoll::tests;

TEST_CASE("prefill replicas have GPUs and nodes of their own beside the pool's", "[scenario]") {
  const Folder folder("prefill");
  const std::string text =
      replaced(kValid, "    replicas: 4\n",
               "    replicas: 2\n    prefill: {replicas: 3, tensor_parallel: 2}\n"
               "    kv_transfer: {bandwidth: 50 GB/s, layerwise: true}\n");
  const ResolvedScenario resolved = load_scenario(folder.write("s.yaml", text), {}, context());
  const PoolConfig& chat = resolved.scenario.pools.at("chat");
  REQUIRE(chat.prefill);
  CHECK(chat.kv_transfer->latency == std::chrono::microseconds(1840));
  CHECK(chat.kv_transfer->bandwidth == BytesPerSecond{50e9});
  CHECK(resolved.pools[0].replicas.size() == 2);
  REQUIRE(resolved.pools[0].prefill_replicas.size() == 3);
  CHECK(resolved.pools[0].prefill_replicas[0].node == 1);
  CHECK(resolved.pools[0].prefill_replicas[2].gpus == std::vector<std::int32_t>{4, 5});
  CHECK(load_scenario(folder.write("t.yaml", resolved.yaml()), {}, context()).yaml() ==
        resolved.yaml());
}

TEST_CASE("faults of prefill replicas and KV transfers stand at their lines", "[scenario]") {
  const auto fault_with = [](const std::string& fields) {
    return fault_of_change("    replicas: 4\n", "    replicas: 2\n" + fields);
  };
  CHECK(fault_with("    kv_transfer: {latency: 1ms}\n") ==
        "s.yaml:10:18: pools.chat.kv_transfer has nothing to move: the pool has no prefill "
        "replicas; give pools.chat.prefill.");
  CHECK(fault_with("    prefill: {tensor_parallel: 2}\n") ==
        "s.yaml:10:14: pools.chat.prefill.replicas is missing (number of prefill replicas).");
  CHECK(fault_with("    prefill: {replicas: 2, tensor_parallel: 3}\n") ==
        "s.yaml:10:45: pools.chat.prefill.tensor_parallel = 3 does not divide the 8 GPUs of a node "
        "of type hgx_h100_8.");
  CHECK(fault_with("    prefill: {replicas: 3, tensor_parallel: 4}\n") ==
        "s.yaml:10:25: pools.chat.prefill.replicas = 3 does not fit: of the 16 GPUs of "
        "cluster.nodes.h100, what other pools left holds 2 replicas of 4 GPUs.");
  CHECK(fault_with("    prefill: {replicas: 1, nodes: h200}\n") ==
        "s.yaml:10:35: pools.chat.prefill.nodes: unknown name of cluster.nodes \"h200\". Did you "
        "mean \"h100\"? Known: h100.");
  CHECK(fault_with("    prefill: {replicas: 1, decode: 2}\n").find("unknown key \"decode\"") !=
        std::string::npos);
  CHECK(fault_with("    prefill: {replicas: 1}\n    kv_transfer: {bandwidth: 0 GB/s}\n")
            .find("s.yaml:11:30: pools.chat.kv_transfer.bandwidth = ") == 0);
  CHECK(fault_with("    prefill: {replicas: 1}\n    kv_transfer: {latency: -1ms}\n")
            .find("pools.chat.kv_transfer.latency = -1ms is outside") != std::string::npos);
}
