// How the devices of a node type hang together, as its catalogue file states it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/figure.hpp"

namespace plimsoll {

/// How GPUs reach each other beside PCIe: through switches, each with each, over named bridges, or
/// not at all.
enum class ScaleUpKind : std::uint8_t { none, nvswitch, mesh, bridges };

[[nodiscard]] std::string parse_scalar(std::string_view text, ScaleUpKind& out);
std::string scalar_text(ScaleUpKind kind);

/// NVLinks or Infinity Fabric links between two GPUs of a node.
struct BridgeSpec {
  std::vector<std::int32_t> gpus;  ///< two of them
  std::int32_t links = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpus", &BridgeSpec::gpus, "The two GPUs.", required, 0, 1023);
    visit("links", &BridgeSpec::links, "Links between them.", required, 1, 64);
  }
};

/// The links of GPUs among each other.
struct ScaleUpSpec {
  ScaleUpKind kind = ScaleUpKind::none;
  std::string link;                   ///< a name of hardware/catalog/links
  Figure<std::int32_t> links;         ///< of one GPU, all together
  std::int32_t switches = 0;          ///< nvswitch: chips; a GPU's links are dealt to them in turn
  std::vector<BridgeSpec> bridges{};  ///< of kind `bridges`
  std::int32_t nodes = 1;             ///< nodes that the switches join: 18 in an NVL72 rack

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("kind", &ScaleUpSpec::kind, "nvswitch, mesh or bridges.", required);
    visit("link", &ScaleUpSpec::link, "One of the links, a name of the catalogue of links.",
          required);
    visit("links", &ScaleUpSpec::links, "Links of one GPU, all together.", required, 1, 64);
    visit("switches", &ScaleUpSpec::switches, "Switch chips that GPUs are joined by.", 0, 64);
    visit("bridges", &ScaleUpSpec::bridges, "Pairs of GPUs with links.");
    visit("nodes", &ScaleUpSpec::nodes, "Nodes that the switches join.", 1, 1024);
  }
};

/// The `topology` of a node's file. GPUs and NICs are dealt evenly, in order, to PCIe switches (to
/// CPUs where there are none), and PCIe switches to CPUs: GPU 0 is on switch 0 on CPU 0.
struct NodeTopologySpec {
  Figure<std::int32_t> cpus;                 ///< sockets, or NUMA nodes where a socket has several
  std::string cpu_name;                      ///< for people: "Xeon", "Grace"
  std::optional<std::string> cpu_link{};     ///< between any two CPUs; a name of the link catalogue
  std::int32_t cpu_links = 1;                ///< parallel ones between two CPUs
  Figure<std::int32_t> pcie_switches;        ///< 0: GPUs hang on CPUs
  std::optional<std::string> switch_link{};  ///< from a PCIe switch to its CPU
  std::optional<std::string> gpu_link{};     ///< from a GPU to its PCIe switch or CPU
  std::optional<ScaleUpSpec> scale_up{};
  Figure<std::int32_t> nics;
  std::optional<std::string> nic{};       ///< from a NIC to the network, one link per NIC
  std::optional<std::string> nic_link{};  ///< from a NIC to its PCIe switch or CPU

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("cpus", &NodeTopologySpec::cpus, "CPUs (sockets, or NUMA nodes).", required, 1, 64);
    visit("cpu_name", &NodeTopologySpec::cpu_name, "What people call the CPU.", required);
    visit("cpu_link", &NodeTopologySpec::cpu_link, "Link between two CPUs.");
    visit("cpu_links", &NodeTopologySpec::cpu_links, "Parallel links between two CPUs.", 1, 64);
    visit("pcie_switches", &NodeTopologySpec::pcie_switches, "PCIe switches.", required, 0, 64);
    visit("switch_link", &NodeTopologySpec::switch_link, "Link of a PCIe switch to its CPU.");
    visit("gpu_link", &NodeTopologySpec::gpu_link, "Link of a GPU to its PCIe switch or CPU.");
    visit("scale_up", &NodeTopologySpec::scale_up, "Links of GPUs among each other.");
    visit("nics", &NodeTopologySpec::nics, "Network adapters for GPUs.", required, 0, 64);
    visit("nic", &NodeTopologySpec::nic, "Link of a NIC to the network.");
    visit("nic_link", &NodeTopologySpec::nic_link, "Link of a NIC to its PCIe switch or CPU.");
  }
};

}  // namespace plimsoll
