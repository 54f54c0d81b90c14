// A configuration as its author wrote it: text with places, not yet numbers and durations. Files, `extend` and
// `--set` all become such trees, are merged as trees, and only then read (core/config/fields.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace plimsoll {

struct ConfigEntry;

/// Nothing, a scalar's text, a list, or a mapping whose keys are unique and in the order written. A plain value.
struct ConfigNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };

  Kind kind = Kind::null;
  bool quoted = false;  ///< a scalar that stood in quotes: text, never a number or a boolean
  Position at;
  std::string text;                  ///< of a scalar, untouched: `012` is "012"
  std::vector<ConfigNode> items;     ///< of a sequence
  std::vector<ConfigEntry> entries;  ///< of a map

  bool is(Kind wanted) const { return kind == wanted; }
  /// The value of a map's key; nullptr when there is none, or when this is no map.
  const ConfigNode* find(std::string_view key) const;
  ConfigNode* find(std::string_view key);

  static ConfigNode scalar(std::string text, Position at = {});
  static ConfigNode sequence(Position at = {});
  static ConfigNode map(Position at = {});
  /// Appends to a map a key that it does not have yet, and returns its value.
  ConfigNode& add(std::string key, ConfigNode value);
};

struct ConfigEntry {
  std::string key;
  Position key_at;
  ConfigNode value;
};

/// The value at a dotted path such as "pools.chat.model"; nullptr when there is none.
const ConfigNode* find_path(const ConfigNode& root, std::string_view path);

/// Where the value at a dotted path such as "pools.chat" or "tiers[1].name" stands; when it was left to its default,
/// where the nearest mapping around it does.
Position position_of(const ConfigNode& root, std::string_view path);

}  // namespace plimsoll
