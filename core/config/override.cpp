#include "core/config/override.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/config/yaml.hpp"

namespace plimsoll {
namespace {

/// Everything below comes from `origin`, a flag, which has no lines.
void place_at(ConfigNode& node, const Position& origin) {
  node.at = origin;
  for (ConfigNode& item : node.items) place_at(item, origin);
  for (ConfigEntry& entry : node.entries) {
    entry.key_at = origin;
    place_at(entry.value, origin);
  }
}

ConfigNode parse_flag_value(std::string_view yaml, const Position& origin) {
  if (yaml.find_first_not_of(" \t") == std::string_view::npos)
    throw ConfigError(origin, "has no value; write null to unset one.");
  try {
    ConfigNode value = parse_yaml(yaml, origin.source);
    place_at(value, origin);
    return value;
  } catch (const ConfigError& error) {
    std::vector<Fault> faults = error.faults();
    for (Fault& fault : faults) fault.at = origin;
    throw ConfigError(std::move(faults));
  }
}

}  // namespace

void merge(ConfigNode& base, const ConfigNode& over) {
  if (!base.is(ConfigNode::Kind::map) || !over.is(ConfigNode::Kind::map)) {
    base = over;
    return;
  }
  base.at = over.at;
  for (const ConfigEntry& entry : over.entries) {
    if (ConfigNode* existing = base.find(entry.key)) {
      merge(*existing, entry.value);
    } else {
      base.entries.push_back(entry);
    }
  }
}

void set_path(ConfigNode& root, std::string_view path, ConfigNode value) {
  ConfigNode* node = &root;
  for (std::size_t begin = 0;;) {
    const std::size_t end = path.find('.', begin);
    const std::string name(path.substr(begin, end - begin));
    if (name.empty()) throw ConfigError(value.at, fmt::format("\"{}\" has an empty name.", path));
    if (node->is(ConfigNode::Kind::null)) *node = ConfigNode::map(value.at);
    if (!node->is(ConfigNode::Kind::map)) {
      const std::string_view way = begin == 0 ? path : path.substr(0, begin - 1);
      throw ConfigError(value.at, fmt::format("{} is {}, so it has no \"{}\".", way,
                                              node->is(ConfigNode::Kind::scalar)
                                                  ? fmt::format("\"{}\"", node->text)
                                                  : std::string("a list"),
                                              name));
    }
    ConfigNode* next = node->find(name);
    if (!next) {
      next = &node->add(name, {});
      node->entries.back().key_at = value.at;
      next->at = value.at;
    }
    node = next;
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  *node = std::move(value);
}

void set_path(ConfigNode& root, std::string_view path, std::string_view yaml,
              const std::string& origin) {
  set_path(root, path, parse_flag_value(yaml, {origin, 0, 0}));
}

void set_path(ConfigNode& root, std::string_view assignment) {
  const std::string origin = fmt::format("--set {}", assignment);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos)
    throw ConfigError({origin, 0, 0}, "write path=value, for instance --set run.seed=7.");
  set_path(root, assignment.substr(0, equals), assignment.substr(equals + 1), origin);
}

}  // namespace plimsoll
