// Changes to a tree before it is read: `extend` lays one tree over another, `--set` replaces one value.
#pragma once

#include <string>
#include <string_view>

#include "core/config/node.hpp"

namespace plimsoll {

/// Lays `over` onto `base`: mappings are merged key by key, anything else is replaced.
void merge(ConfigNode& base, const ConfigNode& over);

/// Replaces the value at a dotted path such as "pools.chat.replicas"; keys that do not exist yet are added (whether
/// they are known is judged by whoever reads the tree). Throws ConfigError at `value.at` when a name is empty or the
/// path leads through something that is no mapping.
void set_path(ConfigNode& root, std::string_view path, ConfigNode value);

/// The same with the value as YAML text ("8", "50ms", "{format: csv, path: a.csv}"). `origin` is what the user wrote
/// ("--set pools.chat.replicas=8", "--seed 7"): faults of this value are reported there.
void set_path(ConfigNode& root, std::string_view path, std::string_view yaml,
              const std::string& origin);

/// The same from "path=value", with the origin "--set path=value".
void set_path(ConfigNode& root, std::string_view assignment);

}  // namespace plimsoll
