// Files that fields of a scenario name.
#pragma once

#include <filesystem>
#include <string>

#include "hardware/catalog_folder.hpp"
#include "scenario/checks.hpp"

namespace plimsoll {

/// The file that a field names, relative to the file that the field stands in; reported when there is none.
std::filesystem::path find_file(const std::string& path, const FieldFaults& faults);

/// The same where a folder will do.
std::filesystem::path find_file_or_folder(const std::string& path, const FieldFaults& faults);

/// A file that ships, by its name, or one of the user's. `what`: what it is called in a fault.
std::filesystem::path find_shipped(const std::string& path, const std::string& name,
                                   const char* what, const CatalogFolder& shipped,
                                   const FieldFaults& faults);

}  // namespace plimsoll
