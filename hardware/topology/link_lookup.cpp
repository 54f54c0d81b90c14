#include "hardware/topology/link_lookup.hpp"

namespace plimsoll {
namespace {

std::string cpu_link_of(std::string_view vendor) {
  if (vendor == "AuthenticAMD") return "epyc_fabric";
  if (vendor == "ARM" || vendor == "NVIDIA") return "grace_c2c";
  return "upi_skylake";
}

}  // namespace

TopologyLink link_named(const TopologyLookup& lookup, const std::string& name, std::int32_t links) {
  const LinkSpec spec = lookup.link(name, {});
  return {spec.kind, spec.bandwidth.value * static_cast<double>(links), spec.latency.value, links};
}

TopologyLink pcie_of(const TopologyLookup& lookup, BytesPerSecond rate) {
  TopologyLink link = link_named(lookup, "pcie_3_x16");
  link.bandwidth = rate;
  return link;
}

BytesPerSecond pcie_rate(double gigatransfers, double lanes) {
  const double coding = gigatransfers < 8 ? 8.0 / 10.0 : 128.0 / 130.0;
  return BytesPerSecond{gigatransfers * 1e9 * lanes * coding / 8.0};
}

TopologyLink nvlinks(const TopologyLookup& lookup, std::int32_t links_of_gpu, std::int32_t links) {
  if (links_of_gpu <= 4) return link_named(lookup, "nvlink_1", links);
  if (links_of_gpu <= 6) return link_named(lookup, "nvlink_2", links);
  return link_named(lookup, links_of_gpu <= 12 ? "nvlink_3" : "nvlink_4", links);
}

void join_cpus(TopologyBuilder& builder, const std::vector<DeviceId>& cpus, std::string_view vendor,
               const TopologyLookup& lookup, const Position& at) {
  for (std::size_t a = 0; a < cpus.size(); ++a)
    for (std::size_t b = a + 1; b < cpus.size(); ++b)
      builder.connect(cpus[a], cpus[b], link_named(lookup, cpu_link_of(vendor)), at);
}

}  // namespace plimsoll
