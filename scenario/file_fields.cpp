#include "scenario/file_fields.hpp"

#include <fmt/format.h>

#include <system_error>

#include "hardware/catalog_paths.hpp"
#include "scenario/scenario_tree.hpp"

namespace plimsoll {
namespace fs = std::filesystem;

fs::path find_file_or_folder(const std::string& path, const FieldFaults& faults) {
  const ConfigNode* text = find_path(faults.root(), path);
  if (!text || text->text.empty()) return {};  // reported
  const fs::path file = path_from(*text);
  std::error_code error;
  if (!fs::exists(file, error)) {
    faults.add(path, fmt::format("= {}: there is no file {}.", text->text,
                                 file.lexically_normal().string()));
  }
  return file;
}

fs::path find_file(const std::string& path, const FieldFaults& faults) {
  fs::path file = find_file_or_folder(path, faults);
  std::error_code error;
  if (!file.empty() && fs::is_directory(file, error))
    faults.add(path,
               fmt::format("= {} is a folder, not a file.", find_path(faults.root(), path)->text));
  return file;
}

fs::path find_shipped(const std::string& path, const std::string& name, const char* what,
                      const CatalogFolder& shipped, const FieldFaults& faults) {
  if (name.empty()) return {};  // reported
  if (names_file(name)) return find_file(path, faults);
  if (!faults.check_name(path, what, name, shipped.names())) return {};
  return shipped.find(name, faults.place(path)).root.at.source;
}

}  // namespace plimsoll
