// What one link between devices is, as its catalogue file states it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "hardware/figure.hpp"

namespace plimsoll {

enum class LinkKind : std::uint8_t { nvlink, infinity_fabric, c2c, pcie, cpu, network };

std::string_view link_kind_name(LinkKind kind);
[[nodiscard]] std::string parse_scalar(std::string_view text, LinkKind& out);
std::string scalar_text(LinkKind kind);

/// Whether GPUs that such links join form an island: NVLink, or Infinity Fabric between GPUs.
constexpr bool is_scale_up(LinkKind kind) {
  return kind == LinkKind::nvlink || kind == LinkKind::infinity_fabric;
}

/// One file of hardware/catalog/links.
struct LinkSpec {
  std::string name;  ///< its file's name
  std::vector<std::string> aliases;
  LinkKind kind = LinkKind::pcie;
  Figure<BytesPerSecond> bandwidth;  ///< of one link in one direction
  Figure<Duration> latency;          ///< of one crossing, what it ends in included

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &LinkSpec::aliases, "Other names of this link.");
    visit("kind", &LinkSpec::kind, "nvlink, infinity_fabric, c2c, pcie, cpu or network.", required);
    visit("bandwidth", &LinkSpec::bandwidth, "Bandwidth of one link in one direction.", required,
          BytesPerSecond{1e8}, BytesPerSecond{1e13});
    visit("latency", &LinkSpec::latency, "Time of one crossing.", required, Duration{1},
          Duration{1'000'000});
  }
};

}  // namespace plimsoll
