// A tree back to YAML text: the resolved scenario that a result keeps.
#pragma once

#include <string>

#include "core/config/node.hpp"

namespace plimsoll {

/// Block style, two spaces deep, keys in the order of the tree; more than eight numbers in a row stand in lines.
std::string to_yaml(const ConfigNode& root);

/// A text scalar that stands in quotes wherever a YAML reader could take it for a number, a boolean or null.
ConfigNode text_node(std::string text);

}  // namespace plimsoll
