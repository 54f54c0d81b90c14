#include "hardware/catalog_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <tuple>
#include <utility>

#include "core/config/suggest.hpp"
#include "core/config/yaml.hpp"
#include "core/random_stream.hpp"

namespace plimsoll {
namespace fs = std::filesystem;
namespace {

bool has_alias(const ConfigNode& root, std::string_view name) {
  const ConfigNode* aliases = root.find("aliases");
  if (!aliases) return false;
  return std::any_of(aliases->items.begin(), aliases->items.end(),
                     [&](const ConfigNode& item) { return item.text == name; });
}

}  // namespace

CatalogFolder::CatalogFolder(std::string kind, std::string what, const std::vector<fs::path>& roots)
    : kind_(std::move(kind)), what_(std::move(what)) {
  for (const fs::path& root : roots) {
    std::error_code missing;  // a root need not have every kind
    for (const fs::directory_entry& file : fs::directory_iterator(root / kind_, missing)) {
      if (file.path().extension() == ".yaml")
        files_.emplace(file.path().stem().string(), file.path());
    }
  }
}

std::vector<std::string> CatalogFolder::names() const {
  std::vector<std::string> names;
  for (const auto& [name, path] : files_) names.push_back(name);
  return names;
}

CatalogEntry CatalogFolder::parse(const std::string& name, std::string text) const {
  CatalogEntry entry{kind_, name, std::move(text), {}};
  entry.root = parse_yaml(entry.text, files_.at(name).string());
  return entry;
}

CatalogEntry CatalogFolder::find(std::string_view name, const Position& asked) const {
  if (const auto file = files_.find(name); file != files_.end())
    return parse(file->first, read_text_file(file->second));
  for (const auto& [other, path] : files_) {
    std::string text = read_text_file(path);
    if (name.empty() || text.find(name) == std::string::npos) continue;  // parsing is the slow part
    CatalogEntry entry = parse(other, std::move(text));
    if (has_alias(entry.root, name)) return entry;
  }
  throw ConfigError(asked, unknown_name(what_, name, names()));
}

CatalogEntry UsedEntries::find(const CatalogFolder& folder, std::string_view name,
                               const Position& asked) {
  CatalogEntry entry = folder.find(name, asked);
  const bool known = std::any_of(entries_.begin(), entries_.end(), [&](const CatalogEntry& other) {
    return other.kind == entry.kind && other.name == entry.name;
  });
  if (!known) entries_.push_back(entry);
  return entry;
}

std::string content_hash(std::vector<CatalogEntry> entries) {
  const auto key = [](const CatalogEntry& entry) {
    return std::tie(entry.kind, entry.name, entry.text);
  };
  std::sort(entries.begin(), entries.end(),
            [&](const CatalogEntry& a, const CatalogEntry& b) { return key(a) < key(b); });
  std::uint64_t hash = 0;
  for (const CatalogEntry& entry : entries) {
    for (const std::string* part : {&entry.kind, &entry.name, &entry.text})
      hash = stable_hash(*part, hash);
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace plimsoll
