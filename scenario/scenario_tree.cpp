#include "scenario/scenario_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "core/collect_faults.hpp"
#include "core/config/override.hpp"
#include "core/config/yaml.hpp"

namespace plimsoll {
namespace fs = std::filesystem;
namespace {

/// Takes the key `extend` out of the tree.
std::optional<ConfigNode> take_extend(ConfigNode& root) {
  for (auto entry = root.entries.begin(); entry != root.entries.end(); ++entry) {
    if (entry->key != "extend") continue;
    ConfigNode value = std::move(entry->value);
    root.entries.erase(entry);
    return value;
  }
  return {};
}

/// The file that `extend` names, which must exist and not be among those that led here.
fs::path extended_file(const ConfigNode& extend, const std::vector<fs::path>& way) {
  if (!extend.is(ConfigNode::Kind::scalar) || extend.text.empty())
    throw ConfigError(extend.at, "extend must name one file.");
  const fs::path file = path_from(extend);
  std::error_code error;
  const fs::path real = fs::canonical(file, error);
  if (error) {
    throw ConfigError(extend.at, fmt::format("extend = {}: {} cannot be opened: {}.", extend.text,
                                             file.string(), error.message()));
  }
  if (std::find(way.begin(), way.end(), real) != way.end())
    throw ConfigError(
        extend.at,
        fmt::format("extend = {} leads back to a file that extends this one.", extend.text));
  return file;
}

/// `way`: the files, with their real names, that led here.
ConfigNode load_over_base(const fs::path& file, std::vector<fs::path> way,
                          std::vector<Fault>& faults) {
  ConfigNode root = load_yaml(file, faults);
  if (!root.is(ConfigNode::Kind::map))
    throw ConfigError(root.at, "a scenario is a mapping that begins with apiVersion.");
  const std::optional<ConfigNode> extend = take_extend(root);
  if (!extend) return root;
  std::error_code ignored;
  way.push_back(fs::canonical(file, ignored));
  const fs::path base_file = extended_file(*extend, way);
  ConfigNode base = load_over_base(base_file, std::move(way), faults);
  merge(base, root);
  return base;
}

}  // namespace

ScenarioTree load_scenario_tree(const fs::path& file) {
  ScenarioTree tree;
  tree.root = load_over_base(file, {}, tree.faults);
  tree.folder = file.parent_path();
  return tree;
}

void set_field(ScenarioTree& tree, std::string_view assignment) {
  collect_faults(tree.faults, [&] { set_path(tree.root, assignment); });
}

void set_field(ScenarioTree& tree, std::string_view path, std::string_view yaml,
               const std::string& origin) {
  collect_faults(tree.faults, [&] { set_path(tree.root, path, yaml, origin); });
}

void set_field(ScenarioTree& tree, std::string_view path, ConfigNode value) {
  collect_faults(tree.faults, [&] { set_path(tree.root, path, std::move(value)); });
}

fs::path path_from(const ConfigNode& text) {
  const bool in_a_file = text.at.line > 0;
  return in_a_file ? fs::path(text.at.source).parent_path() / text.text : fs::path(text.text);
}

}  // namespace plimsoll
