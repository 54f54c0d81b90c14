// Scenarios: what a right one resolves to, and that a wrong one is told all that is wrong with it, and where.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/config/yaml.hpp"
#include "core/random_stream.hpp"
#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"
#include "scenario/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/scenario/written_scenario.hpp"

using namespace plimsoll;
using namespace plimsoll::tests;
namespace fs = std::filesystem;

TEST_CASE("a scenario resolves to its fields, its hardware and its GPUs", "[scenario]") {
  const Folder folder("valid");
  const ResolvedScenario resolved = load_scenario(folder.write("s.yaml", kValid), {}, context());
  const PoolConfig& chat = resolved.scenario.pools.at("chat");
  CHECK(chat.model == "llama-3.1-70b");
  CHECK(chat.gateway.dispatch_latency == std::chrono::milliseconds(1));
  CHECK(resolved.scenario.run.horizon == std::chrono::hours(1));
  REQUIRE(resolved.groups.size() == 1);
  CHECK(resolved.groups[0].gpus() == 16);
  CHECK(resolved.groups[0].gpu.name == "nvidia_h100_sxm");
  CHECK(resolved.groups[0].price_per_gpu == UsdPerHour{2.69});
  REQUIRE(resolved.pools.size() == 1);
  REQUIRE(resolved.pools[0].replicas.size() == 4);
  CHECK(resolved.pools[0].replicas[1].gpus == std::vector<std::int32_t>{4, 5, 6, 7});
  CHECK(resolved.pools[0].replicas[2].node == 1);
  CHECK(resolved.pools[0].trace == folder.path() / "requests.csv");
  CHECK(resolved.catalog.size() == 3);
  CHECK(position_of(resolved.root, "pools.chat.model").line == 7);
}

TEST_CASE("the resolved scenario reads back as itself", "[scenario]") {
  const Folder folder("round_trip");
  const ResolvedScenario first =
      load_scenario(folder.write("s.yaml", kValid), {"run.seed=9"}, context());
  const ResolvedScenario second =
      load_scenario(folder.write("t.yaml", first.yaml()), {}, context());
  CHECK(second.yaml() == first.yaml());
  CHECK(second.scenario.run.seed == 9);
  CHECK(first.yaml().find(folder.path().string()) == std::string::npos);
}

TEST_CASE("all faults of a scenario come at once, in the order of the file", "[scenario]") {
  std::string text = replaced(kValid, "hgx_h100_8", "hgx_h100_9");
  text = replaced(text, "replicas: 4", "replicas: four");
  text = replaced(text, "format: csv", "format: cvs");
  text = replaced(text, "least_request", "least_requests");
  text = replaced(text, "delay: 2ms", "delay: 2");
  text = replaced(text, "run:", "runn: {}\nrun:");
  text = replaced(text, "seed: 1", "seed: 1\n  seed: 2");
  const std::vector<std::string> nodes = HardwareCatalog(catalog_roots({}, {})).nodes().names();
  CHECK(faults_of(text) ==
        "s.yaml:4:18: unknown node type \"hgx_h100_9\". Did you mean \"hgx_h100_8\"? Known: " +
            fmt::format("{}", fmt::join(nodes, ", ")) +
            ".\n"
            "s.yaml:9:15: pools.chat.replicas = \"four\" is not a whole number; write digits such "
            "as 16 "
            "(number of replicas).\n"
            "s.yaml:12:23: pools.chat.workload.trace.format: unknown trace format \"cvs\". Did you "
            "mean "
            "\"csv\"? "
            "Known: azure, csv.\n"
            "s.yaml:14:12: policies.routing: unknown policy \"least_requests\". Did you mean "
            "\"least_request\"? "
            "Known: least_request, random, round_robin.\n"
            "s.yaml:16:34: observe.sensors.delay = 2 has no unit; write a duration such as 30s, "
            "50ms or "
            "1h30m "
            "(units: h, m, s, ms, us, ns) (from a scrape until policies see it).\n"
            "s.yaml:17:1: unknown key \"runn\". Did you mean \"run\"? Known: apiVersion, metadata, "
            "cluster, pools, jobs, "
            "policies, costs, observe, run.\n"
            "s.yaml:21:3: duplicate key \"seed\"; it already stands at s.yaml:20:3.");
}

TEST_CASE("what is missing is named with what it is", "[scenario]") {
  CHECK(faults_of("apiVersion: plimsoll.dev/v1alpha1\n") ==
        "s.yaml:1:1: cluster is missing (the hardware).\n"
        "s.yaml:1:1: policies is missing (what decides).\n"
        "s.yaml:1:1: jobs and pools are missing or empty; a scenario needs at least one of them.");
  CHECK(fault_of_change("plimsoll.dev/v1alpha1", "v1") ==
        "s.yaml:1:13: apiVersion = \"v1\" is not known; this version reads plimsoll.dev/v1alpha1.");
  CHECK(fault_of_change("    model: llama-3.1-70b\n", "") ==
        "s.yaml:7:5: pools.chat.model is missing (model, a name of the catalogue).");
  CHECK(faults_of("3") == "s.yaml:1:1: a scenario is a mapping that begins with apiVersion.");
  CHECK(faults_of("") == "s.yaml: is empty.");
}

TEST_CASE("replicas must be cut out of nodes and fit into the cluster", "[scenario]") {
  CHECK(fault_of_change("tensor_parallel: 4", "tensor_parallel: 3") ==
        "s.yaml:10:22: pools.chat.tensor_parallel = 3 does not divide the 8 GPUs of a node of type "
        "hgx_h100_8.");
  CHECK(fault_of_change("tensor_parallel: 4", "tensor_parallel: 16") ==
        "s.yaml:10:22: pools.chat.tensor_parallel = 16 is more than the 8 GPUs of a node of type "
        "hgx_h100_8.");
  CHECK(fault_of_change("replicas: 4", "replicas: 5") ==
        "s.yaml:9:15: pools.chat.replicas = 5 does not fit: of the 16 GPUs of cluster.nodes.h100, "
        "what other pools "
        "left holds 4 replicas of 4 GPUs.");
  CHECK(fault_of_change("replicas: 4", "replicas: 0").find("is outside [1, 100000]") !=
        std::string::npos);
  CHECK(fault_of_change("nodes: h100\n", "nodes: h10\n") ==
        "s.yaml:8:12: pools.chat.nodes: unknown name of cluster.nodes \"h10\". Did you mean "
        "\"h100\"? Known: h100.");
  CHECK(fault_of_change("    replicas", "    dtype: fp4\n    replicas")
            .find("unknown dtype \"fp4\"") != std::string::npos);
}

TEST_CASE("a replica is as many GPUs as its degrees of parallelism make", "[scenario]") {
  const Folder folder("cut");
  const fs::path file = folder.write("s.yaml", kValid);
  const ResolvedScenario cut =
      load_scenario(file,
                    {"pools.chat.tensor_parallel=2", "pools.chat.pipeline_parallel=2",
                     "pools.chat.data_parallel=2", "pools.chat.replicas=1",
                     "pools.chat.speculative={draft_tokens: 3, draft_share: 0.05}"},
                    context());
  CHECK(cut.scenario.pools.at("chat").parallelism() ==
        Parallelism{.tensor = 2, .pipeline = 2, .expert = 1, .data = 2});
  CHECK(cut.scenario.pools.at("chat").speculative->draft_tokens == 3);
  CHECK_FALSE(cut.scenario.pools.at("chat").speculative->accepted_length);
  CHECK(faults_of(kValid, {"pools.chat.data_parallel=4"})
            .find("pools.chat.tensor_parallel * pipeline_parallel * data_parallel = 16 is more "
                  "than the 8 GPUs of a node") != std::string::npos);
}

TEST_CASE("a workload is one trace or one process that ends", "[scenario]") {
  const std::string trace = "trace: {format: csv, path: requests.csv}";
  const std::string synthetic = "synthetic: {rate: 4/s, lengths: azure_2023_conversation}";
  CHECK(fault_of_change(trace, synthetic) == "no fault");
  CHECK(fault_of_change(trace, trace + "\n      " + synthetic) ==
        "s.yaml:12:7: pools.chat.workload has both trace and synthetic; give exactly one.");
  CHECK(fault_of_change(trace, "{}").find("has neither trace nor synthetic; give exactly one.") !=
        std::string::npos);
  const std::string most = "prefix: {groups: 1000000, tokens: 20000}}";
  CHECK(fault_of_change(trace, synthetic.substr(0, synthetic.size() - 1) + ", " + most)
            .find("prefix has 1000000 prefixes of 20000 tokens") != std::string::npos);
  CHECK(faults_of(replaced(replaced(kValid, trace, synthetic), "horizon: 1h", "drain: true"))
            .find("pools.chat.workload.synthetic never ends") != std::string::npos);
  CHECK(fault_of_change(trace, replaced(synthetic, "4/s", "-4/s"))
            .find("rate = -4/s is outside [1e-06/s, 100000000/s]") != std::string::npos);
  CHECK(fault_of_change(trace, replaced(synthetic, "4/s", ".nan/s")).find("is not a rate") !=
        std::string::npos);
  CHECK(fault_of_change(trace, replaced(synthetic, "azure_2023_conversation", "azure_conversation"))
            .find("Did you mean \"azure_2023_conversation\"?") != std::string::npos);
  CHECK(
      fault_of_change("requests.csv", "reqests.csv").find("path = reqests.csv: there is no file") !=
      std::string::npos);
  CHECK(fault_of_change("requests.csv", "sub").find("path = sub is a folder, not a file.") !=
        std::string::npos);
}

TEST_CASE("sensors, latencies and times keep their bounds", "[scenario]") {
  CHECK(fault_of_change("period: 50ms", "period: 0") ==
        "s.yaml:16:21: observe.sensors.period = 0s (always fresh) needs delay 0s, not 2ms.");
  CHECK(fault_of_change("{period: 50ms, delay: 2ms}", "{period: 0, delay: 0}") == "no fault");
  CHECK(fault_of_change("delay: 2ms", "delay: 10s").find("delay = 10s is not below 10s.") !=
        std::string::npos);
  CHECK(fault_of_change("delay: 2ms", "delay: -2ms").find("is below 0s") != std::string::npos);
  CHECK(fault_of_change("delay: 2ms", "phase_groups: 0").find("is outside [1, 10000]") !=
        std::string::npos);
  CHECK(fault_of_change("    workload", "    gateway: {dispatch_latency: 0}\n    workload")
            .find("dispatch_latency = 0 is outside [1ns, 1h]") != std::string::npos);
  CHECK(fault_of_change("horizon: 1h", "horizon: 0s").find("is outside [1ns, 87600h]") !=
        std::string::npos);
  CHECK(fault_of_change("observe:", "observe:\n  interval: 1ms")
            .find("gives more than 1000000 samples") != std::string::npos);
}

TEST_CASE("names of one's own are plain words", "[scenario]") {
  for (const char* name : {"a.b", "a/b", "'a b'", "'..'"}) {
    const std::string faults = fault_of_change("  chat:", fmt::format("  {}:", name));
    CHECK(faults.starts_with("s.yaml:6:3: pools: \""));
    CHECK(faults.find("is no name") != std::string::npos);
  }
  CHECK(fault_of_change("  chat:", "  Chat_2-b:") == "no fault");
}

TEST_CASE("--set wins over the file, and its faults name it", "[scenario]") {
  CHECK(faults_of(kValid, {"pools.chat.replicas=5", "pools.chat.modle=x", "run.seed.x=1"}) ==
        "--set run.seed.x=1: run.seed is \"1\", so it has no \"x\".\n"
        "--set pools.chat.modle=x: pools.chat: unknown key \"modle\". Did you mean \"model\"? "
        "Known: model, dtype, "
        "nodes, replicas, tensor_parallel, pipeline_parallel, expert_parallel, data_parallel, "
        "kv_cache_dtype, speculative, lora_adapters, engine, prefill, kv_transfer, gateway, "
        "workload, slo.\n"
        "--set pools.chat.replicas=5: pools.chat.replicas = 5 does not fit: of the 16 GPUs of "
        "cluster.nodes.h100, "
        "what other pools left holds 4 replicas of 4 GPUs.");
  const Folder folder("set");
  const fs::path file = folder.write("s.yaml", kValid);
  const ResolvedScenario two = load_scenario(
      file, {"pools.chat.replicas=2", "pools.chat.slo={ttft: 1s}", "costs.prices=market-2025-11"},
      context());
  CHECK(two.pools[0].replicas.size() == 2);
  CHECK(two.scenario.pools.at("chat").slo.ttft == std::chrono::seconds(1));
  CHECK(faults_of(kValid, {"pools.chat.workload.trace.path=requests.csv"})
            .find("there is no file requests.csv") !=
        std::string::npos);  // a flag's path starts at the working directory
}

TEST_CASE("a scenario extends another and overrides its fields", "[scenario]") {
  const Folder folder("extend");
  folder.write("base.yaml", kValid);
  const fs::path file = folder.write(
      "sub/child.yaml",
      "extend: ../base.yaml\npools: {chat: {replicas: 2}}\nrun: {horizon: null, seed: 5}\n");
  const ResolvedScenario child = load_scenario(file, {}, context());
  CHECK(child.scenario.pools.at("chat").replicas == 2);
  CHECK(child.scenario.pools.at("chat").tensor_parallel == 4);
  CHECK_FALSE(child.scenario.run.horizon.has_value());
  CHECK(fs::equivalent(child.pools[0].trace,
                       folder.path() / "requests.csv"));  // found beside base.yaml
  CHECK(position_of(child.root, "pools.chat.replicas").source == file.string());

  folder.write("circle.yaml", "extend: sub/circle.yaml\n");
  CHECK_THROWS_WITH(
      load_scenario(folder.write("sub/circle.yaml", "extend: ../circle.yaml\n"), {}, context()),
      Catch::Contains("circle.yaml:1:9: extend = ") &&
          Catch::Contains("leads back to a file that extends this one."));
  CHECK_THROWS_WITH(
      load_scenario(folder.write("lost.yaml", "extend: nowhere.yaml\n"), {}, context()),
      Catch::Contains("lost.yaml:1:9: extend = nowhere.yaml: ") &&
          Catch::Contains("No such file or directory"));
  CHECK_THROWS_WITH(load_scenario(folder.write("list.yaml", "extend: [a, b]\n"), {}, context()),
                    Catch::Contains("list.yaml:1:9: extend must name one file."));
}

TEST_CASE("a scenario's own catalogue comes before the shipped one", "[scenario]") {
  const Folder folder("catalog");
  fs::create_directories(folder.path() / "catalog" / "nodes");
  folder.write("catalog/nodes/hgx_h100_8.yaml",
               "gpu: nvidia_h100_sxm\ngpus: {value: 4, source: mine}\nnvlink_island: {value: 4, "
               "source: mine}\n");
  const ResolvedScenario resolved =
      load_scenario(folder.write("s.yaml", kValid), {"pools.chat.replicas=2"}, context());
  CHECK(resolved.groups[0].gpus() == 8);
  CHECK_THROWS_WITH(
      load_scenario(folder.path() / "s.yaml", {"cluster.nodes.h100.type=mine"}, context()),
      Catch::Contains("unknown node type \"mine\""));
  folder.write("catalog/nodes/mine.yaml",
               "gpu: nvidia_h100\ngpus: {value: 4, source: mine}\nnvlink_island: {value: 4, "
               "source: mine}\n");
  CHECK_THROWS_WITH(
      load_scenario(folder.path() / "s.yaml", {"cluster.nodes.h100.type=mine"}, context()),
      Catch::Contains("unknown GPU \"nvidia_h100\"."));
}

TEST_CASE("the shipped examples are right", "[scenario]") {
  ScenarioContext all = context();
  all.routing_policies.insert(all.routing_policies.end(), {"active_request", "power_of_two"});
  all.scheduling_policies = {"easy_backfill"};
  const char* source = std::getenv("PLIMSOLL_SOURCE_DIR");
  if (!source) {
    WARN("skipped: PLIMSOLL_SOURCE_DIR is not set (ctest sets it)");
    return;
  }
  for (const fs::directory_entry& file : fs::directory_iterator(fs::path(source) / "examples")) {
    if (file.path().extension() != ".yaml") continue;
    INFO(file.path());
    CHECK_NOTHROW(load_scenario(file.path(), {}, all));
  }
}

TEST_CASE("no text does anything but resolve or throw ConfigError", "[scenario]") {
  const Folder folder("fuzz");
  const RandomStream random(5, "tests/scenario", "mutations");
  const std::string with_jobs =
      replaced(kValid, "policies:\n", "policies:\n  scheduling: fifo\n") + kValidJobs;
  const std::string bytes = " \n\t:{}[],-#&*!|'\"%~0129.smhx\xff";
  int resolved = 0;
  for (std::uint64_t round = 0; round < 2000; ++round) {
    const std::string valid = round % 2 == 0 ? kValid : with_jobs;
    std::string text = valid;
    const std::uint32_t edits = below(4, random.bits(round, 0));
    for (std::uint32_t edit = 0; edit <= edits && !text.empty(); ++edit) {
      const auto draw = [&](std::size_t bound, std::uint64_t lane) {
        return below(static_cast<std::uint32_t>(bound), random.bits(round, 8 * edit + lane));
      };
      const std::uint32_t where = draw(text.size(), 1);
      switch (draw(5, 2)) {
        case 0:
          text[where] = bytes[draw(bytes.size(), 3)];
          break;
        case 1:
          text.insert(where, 1, bytes[draw(bytes.size(), 3)]);
          break;
        case 2:
          text.erase(where, 1 + draw(12, 3));
          break;
        case 3:
          text.insert(where, valid.substr(draw(valid.size(), 3), 1 + draw(40, 4)));
          break;
        default:
          text.resize(where);
          break;
      }
    }
    try {
      load_scenario(folder.write("s.yaml", text), {}, context());
      ++resolved;
    } catch (const ConfigError& error) {
      CHECK_FALSE(error.faults().empty());
    }
  }
  CHECK(resolved > 5);
  CHECK(resolved < 1000);
}
