// One kind of catalogue entry: the folder is the list, a file's name is the entry's name.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.hpp"

namespace plimsoll {

/// An entry's file, parsed and not yet read.
struct CatalogEntry {
  std::string kind;  ///< its folder: "gpus"
  std::string name;  ///< "nvidia_h100_sxm"
  std::string text;  ///< the whole file
  ConfigNode root;
};

/// All `<root>/<kind>/<name>.yaml`; where two roots have the same name, the earlier root's counts. An entry may list
/// other names of itself, unescaped, under the key
/// `aliases`; these count where no file has that name.
class CatalogFolder {
 public:
  /// `what` names one entry in messages: "GPU".
  CatalogFolder(std::string kind, std::string what,
                const std::vector<std::filesystem::path>& roots);

  /// Sorted.
  std::vector<std::string> names() const;
  /// Throws ConfigError at `asked` when there is no such entry (with the nearest name), and the file's own faults.
  CatalogEntry find(std::string_view name, const Position& asked) const;

 private:
  CatalogEntry parse(const std::string& name, std::string text) const;

  std::string kind_;
  std::string what_;
  std::map<std::string, std::filesystem::path, std::less<>> files_;
};

/// Looks entries up and remembers which, once each: a result names the files that stand behind it.
class UsedEntries {
 public:
  /// CatalogFolder::find.
  CatalogEntry find(const CatalogFolder& folder, std::string_view name, const Position& asked);
  const std::vector<CatalogEntry>& entries() const { return entries_; }

 private:
  std::vector<CatalogEntry> entries_;
};

/// One hash, as 16 hex digits, of a set of entries: of kinds, names and texts, whatever the order of the set.
std::string content_hash(std::vector<CatalogEntry> entries);

}  // namespace plimsoll
