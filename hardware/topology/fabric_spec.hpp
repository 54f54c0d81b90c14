// What joins nodes: racks, leaves, spines and fabric pods, as a catalogue file states them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "hardware/figure.hpp"

namespace plimsoll {

/// rail_optimized: NIC i of every node of a leaf group is on leaf switch i, so that equal ranks
/// meet at a leaf. fat_tree: a leaf holds whole nodes. nvlink_domain: NVSwitches join the nodes of
/// a rack. ethernet: one shared tree.
enum class FabricKind : std::uint8_t { rail_optimized, fat_tree, nvlink_domain, ethernet };

[[nodiscard]] std::string parse_scalar(std::string_view text, FabricKind& out);
std::string scalar_text(FabricKind kind);

/// What a step of a collective costs when it goes through the network, by protocol. us.
struct NetworkSteps {
  double ring_ll_us = 2.7;
  double ring_ll128_us = 4.0;
  double ring_simple_us = 14;
  double tree_ll_us = 5;
  double tree_ll128_us = 8.5;
  double tree_simple_us = 14;
  double nvls_tree_us = 20.9;
  std::string source;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("ring_ll_us", &NetworkSteps::ring_ll_us, "Ring, LL.", required, 0.1, 1e4);
    visit("ring_ll128_us", &NetworkSteps::ring_ll128_us, "Ring, LL128.", required, 0.1, 1e4);
    visit("ring_simple_us", &NetworkSteps::ring_simple_us, "Ring, Simple.", required, 0.1, 1e4);
    visit("tree_ll_us", &NetworkSteps::tree_ll_us, "Tree, LL.", required, 0.1, 1e4);
    visit("tree_ll128_us", &NetworkSteps::tree_ll128_us, "Tree, LL128.", required, 0.1, 1e4);
    visit("tree_simple_us", &NetworkSteps::tree_simple_us, "Tree, Simple.", required, 0.1, 1e4);
    visit("nvls_tree_us", &NetworkSteps::nvls_tree_us, "NVLS in the node, tree between nodes.",
          required, 0.1, 1e4);
    visit("source", &NetworkSteps::source, "Where they are from.", required);
  }
};

/// One file of hardware/catalog/fabrics. Sizes multiply: a fabric pod is `spines_per_pod *
/// leaves_per_spine * nodes_per_leaf` nodes. Nodes are placed in order, so that node i is in rack i
/// / nodes_per_rack.
struct FabricSpec {
  std::string name;  ///< its file's name
  std::vector<std::string> aliases;
  FabricKind kind = FabricKind::fat_tree;
  Figure<std::int32_t> nodes_per_rack;
  Figure<std::int32_t> nodes_per_leaf;    ///< of a leaf switch, or group of rail switches
  Figure<std::int32_t> leaves_per_spine;  ///< leaves that share their spines
  Figure<std::int32_t> spines_per_pod;
  std::int32_t nodes_per_nvlink_domain = 1;
  Figure<double> leaf_oversubscription;   ///< down to up bandwidth of a leaf, >= 1
  Figure<double> spine_oversubscription;  ///< of what joins spine groups of a pod
  Figure<double> pod_oversubscription;    ///< of what joins pods
  Figure<Duration> switch_latency;        ///< of one switch crossing
  Figure<double> efficiency;              ///< share of the NICs' rate that collectives reach
  NetworkSteps steps;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &FabricSpec::aliases, "Other names of this fabric.");
    visit("kind", &FabricSpec::kind, "rail_optimized, fat_tree, nvlink_domain or ethernet.",
          required);
    visit("nodes_per_rack", &FabricSpec::nodes_per_rack, "Nodes in a rack.", required, 1, 1024);
    visit("nodes_per_leaf", &FabricSpec::nodes_per_leaf, "Nodes on a leaf.", required, 1, 100'000);
    visit("leaves_per_spine", &FabricSpec::leaves_per_spine, "Leaves that share their spines.",
          required, 1, 100'000);
    visit("spines_per_pod", &FabricSpec::spines_per_pod, "Spine groups in a fabric pod.", required,
          1, 100'000);
    visit("nodes_per_nvlink_domain", &FabricSpec::nodes_per_nvlink_domain,
          "Nodes that NVSwitches join.", 1, 1024);
    visit("leaf_oversubscription", &FabricSpec::leaf_oversubscription,
          "Bandwidth to nodes over that to spines, of a leaf.", required, 1.0, 1000.0);
    visit("spine_oversubscription", &FabricSpec::spine_oversubscription,
          "The same of a spine group.", required, 1.0, 1000.0);
    visit("pod_oversubscription", &FabricSpec::pod_oversubscription, "The same of a fabric pod.",
          required, 1.0, 1000.0);
    visit("switch_latency", &FabricSpec::switch_latency, "Time through one switch.", required,
          Duration{1}, Duration{1'000'000});
    visit("efficiency", &FabricSpec::efficiency, "Share of the NICs' rate that collectives reach.",
          required, 0.01, 1.0);
    visit("steps", &FabricSpec::steps, "Time of a collective's step through the network.",
          required);
  }
};

/// Adds what no range can tell: an NVLink domain that a leaf or rack would cut.
void check_fabric(const FabricSpec& fabric, const ConfigNode& root, std::vector<Fault>& faults);

}  // namespace plimsoll
