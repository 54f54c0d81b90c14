// The graph of a node type, from what its catalogue file states.
#pragma once

#include <functional>
#include <string>

#include "core/config/node.hpp"
#include "hardware/node_spec.hpp"
#include "hardware/topology/link_spec.hpp"
#include "hardware/topology/node_topology.hpp"

namespace plimsoll {

/// Finds a link by name; throws ConfigError at the position where there is none.
using FindLink = std::function<LinkSpec(const std::string& name, const Position& at)>;

/// Devices are called gpu0, gpu1, ..., nvswitch0, switch0, cpu0, nic0, network. Throws ConfigError,
/// at places of `root` (the file that `node` was read from): no topology at all, links that are
/// needed and not named, unknown ones, bridges between GPUs that the node does not have.
NodeTopology topology_from_spec(const NodeSpec& node, const ConfigNode& root,
                                const FindLink& find_link);

}  // namespace plimsoll
