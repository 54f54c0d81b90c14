#include "hardware/catalog_paths.hpp"

#include <system_error>

#include "core/error.hpp"

namespace plimsoll {
namespace fs = std::filesystem;
namespace {

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// <prefix>/share/plimsoll of an executable in <prefix>/bin.
fs::path share_of_executable() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return executable.parent_path().parent_path() / "share" / "plimsoll";
}

}  // namespace

fs::path shipped_data() {
  for (const fs::path& folder : {share_of_executable(), fs::path(PLIMSOLL_SOURCE_DIR),
                                 fs::path(PLIMSOLL_INSTALL_DATA_DIR)}) {
    if (is_folder(folder / "hardware" / "catalog")) return folder;
  }
  return {};
}

CatalogFolder shipped_length_tables() {
  return {"quantiles", "length table", {shipped_data() / "traces"}};
}

CatalogFolder shipped_job_laws() {
  return {"job_laws", "law of jobs", {shipped_data() / "traces"}};
}

bool names_file(std::string_view text) {
  return text.find('/') != std::string_view::npos || text.ends_with(".yaml");
}

std::vector<fs::path> catalog_roots(const std::vector<fs::path>& given,
                                    const fs::path& scenario_folder) {
  std::vector<fs::path> roots;
  for (const fs::path& folder : given) {
    if (!is_folder(folder))
      throw ConfigError({"--catalog " + folder.string(), 0, 0}, "there is no such folder.");
    roots.push_back(folder);
  }
  const fs::path shipped = shipped_data();
  for (const fs::path& folder : {scenario_folder / "catalog", shipped / "hardware" / "catalog",
                                 shipped / "workloads" / "catalog"}) {
    if (is_folder(folder)) roots.push_back(folder);
  }
  return roots;
}

}  // namespace plimsoll
