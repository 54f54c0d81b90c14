// A scenario's file with everything that it extends, and what flags change in it, before any of it is read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.hpp"

namespace plimsoll {

struct ScenarioTree {
  ConfigNode root;               ///< without the key `extend`
  std::vector<Fault> faults;     ///< found so far, to be reported with those of reading
  std::filesystem::path folder;  ///< of the scenario's file: its `catalog/` is searched
};

/// Reads the file and lays it over the one that its key `extend` names, relative to itself, which may extend another.
/// Throws ConfigError where a file is missing or is no YAML, and when files extend each other in a circle.
ScenarioTree load_scenario_tree(const std::filesystem::path& file);

/// Replaces one field as core/config/override.hpp does; a fault joins the tree's others.
void set_field(ScenarioTree& tree, std::string_view assignment);  ///< of "path=value", from --set
void set_field(ScenarioTree& tree, std::string_view path, std::string_view yaml,
               const std::string& origin);
void set_field(ScenarioTree& tree, std::string_view path, ConfigNode value);

/// Where a path written in a scenario leads: from the folder of the file that it stands in, or, if it came from a flag,
/// from the working directory.
std::filesystem::path path_from(const ConfigNode& text);

}  // namespace plimsoll
