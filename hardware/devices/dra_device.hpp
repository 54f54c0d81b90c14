// Devices as Kubernetes' dynamic resource allocation describes them: attributes, capacity, and the
// shared counters that each draws from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/quantity.hpp"

namespace plimsoll {

using AttributeValue = std::variant<std::string, std::int64_t, bool>;

/// Names of attributes that the NVIDIA driver (gpu.nvidia.com) publishes and that we read or write.
namespace dra_attribute {
inline constexpr std::string_view kType = "type";  ///< "gpu" or "mig"
inline constexpr std::string_view kUuid = "uuid";
inline constexpr std::string_view kProductName = "productName";
inline constexpr std::string_view kPcieRoot = "resource.kubernetes.io/pcieRoot";
inline constexpr std::string_view kNumaNode = "numaNode";
inline constexpr std::string_view kCliqueId = "cliqueID";    ///< NVLink domain and clique
inline constexpr std::string_view kPartition = "partition";  ///< NVLink partition of fabric manager
inline constexpr std::string_view kProfile = "profile";      ///< of a MIG device
inline constexpr std::string_view kParentUuid = "parentUUID";
}  // namespace dra_attribute

/// What a device takes of a counter set: the set's name, then counters and amounts.
struct CounterUse {
  std::string set;
  std::map<std::string, std::int64_t> counters;

  friend bool operator==(const CounterUse&, const CounterUse&) = default;
};

struct DraDevice {
  std::string name;
  std::map<std::string, AttributeValue> attributes;
  std::map<std::string, std::int64_t> capacity;  ///< bytes of "memory", counts of others
  std::vector<CounterUse> consumes;

  /// The text of an attribute; empty when it is absent or no text.
  std::string text(std::string_view attribute) const;
};

}  // namespace plimsoll
