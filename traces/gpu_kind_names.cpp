#include "traces/gpu_kind_names.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "core/assert.hpp"
#include "hardware/catalog_paths.hpp"

namespace plimsoll {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

void add_parts(std::string_view name, std::vector<std::string>& names) {
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('_', begin), name.size());
    if (end > begin) names.emplace_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

GpuKindNames::GpuKindNames(const std::vector<std::string>& kinds) {
  PLIMSOLL_ASSERT(kinds.size() <= 64, "{} kinds of GPUs", kinds.size());
  const CatalogFolder catalogue("gpus", "GPU", catalog_roots({}, {}));
  const std::vector<std::string> known = catalogue.names();
  for (const std::string& kind : kinds) {
    std::vector<std::string>& names = names_.emplace_back();
    const std::string name = lower_case(kind);
    names.push_back(name);
    add_parts(name, names);
    if (!std::binary_search(known.begin(), known.end(), kind)) continue;
    const CatalogEntry entry = catalogue.find(kind, Position{});
    if (const ConfigNode* aliases = find_path(entry.root, "aliases"))
      for (const ConfigNode& alias : aliases->items) names.push_back(lower_case(alias.text));
  }
}

GpuKinds GpuKindNames::find(std::string_view name) const {
  const std::string wanted = lower_case(name);
  GpuKinds found = 0;
  for (std::size_t k = 0; k < names_.size(); ++k)
    if (std::ranges::find(names_[k], wanted) != names_[k].end()) found |= GpuKinds{1} << k;
  return found;
}

}  // namespace plimsoll
