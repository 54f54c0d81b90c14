// A policy as a configuration names it: `routing: power_of_two`, or with settings `routing: {name: x, reserve: 0.1}`.
// The settings stay a tree until the registry reads them with the policy's own field list.
#pragma once

#include <string>

#include "core/config/fields.hpp"

namespace plimsoll {

struct PolicyConfig {
  std::string name;
  ConfigNode settings = ConfigNode::map();  ///< everything but the name, with places
};

template <>
struct FieldType<PolicyConfig> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   PolicyConfig& out);
  static ConfigNode write(const PolicyConfig& value);
};

}  // namespace plimsoll
