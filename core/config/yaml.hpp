// YAML text to a tree of places and texts. What the text means is decided by the field that reads it: here `012` is
// not 10 and `no` is not false. Anchors and aliases work; tags, several documents and keys that are no text do not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.hpp"

namespace plimsoll {

/// Parses one document. `source` names it in positions. Throws ConfigError on a syntax error, on an empty document, on
/// nesting deeper than 64, and on more than 100,000 values. Each duplicate key is a fault that names both positions;
/// the first one counts.
ConfigNode parse_yaml(std::string_view text, const std::string& source, std::vector<Fault>& faults);
/// The same, with duplicates thrown too.
ConfigNode parse_yaml(std::string_view text, const std::string& source);

/// The text of a file of at most 16 MiB. Throws ConfigError when it is missing, a folder, unreadable or larger.
std::string read_text_file(const std::filesystem::path& path);

ConfigNode load_yaml(const std::filesystem::path& path, std::vector<Fault>& faults);
ConfigNode load_yaml(const std::filesystem::path& path);

}  // namespace plimsoll
