#include "traces/measurements/measurement_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "traces/measurements/layout.hpp"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

std::vector<Layout> all_layouts() {
  std::vector<Layout> all;
  for (const auto& family :
       {kernel_layouts(), collective_layouts(), profile_layouts(), power_layouts()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

bool told_by(const Layout& layout, const MeasurementTable& table) {
  const auto has = [&](std::string_view column) { return table.has(column); };
  return std::all_of(layout.columns.begin(), layout.columns.end(), has) &&
         std::none_of(layout.absent.begin(), layout.absent.end(), has);
}

MeasurementReport read_file(const fs::path& path, const MeasurementFilter& filter,
                            Measurements& into) {
  MeasurementReport report{.path = path.string(), .layout = ""};
  MeasurementTable table(path.string());
  for (const Layout& layout : all_layouts()) {
    if (!told_by(layout, table)) continue;
    report.layout = layout.name;
    layout.read({table, filter, into, report});
    break;
  }
  return report;
}

bool is_table(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".csv") || name.ends_with(".csv.zst");
}

std::vector<fs::path> tables_under(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && is_table(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty())
    throw ConfigError(Position{folder.string()}, "has no *.csv or *.csv.zst in it.");
  return files;
}

}  // namespace

bool LayoutReading::wanted(std::string_view system) const {
  const auto& systems = filter.systems;
  return std::find(systems.begin(), systems.end(), system) != systems.end();
}

std::int32_t LayoutReading::set(std::string backend, std::string kernel) const {
  return into.set({fs::path(report.path).filename().string(), filter.origin, std::move(backend),
                   std::move(kernel)});
}

std::vector<MeasurementReport> read_measurements(const fs::path& path,
                                                 const MeasurementFilter& filter,
                                                 Measurements& into) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    std::vector<MeasurementReport> reports;
    for (const fs::path& file : tables_under(path))
      reports.push_back(read_file(file, filter, into));
    return reports;
  }
  MeasurementReport report = read_file(path, filter, into);
  if (report.layout.empty()) {
    std::vector<std::string> known;
    for (const Layout& layout : all_layouts())
      known.push_back(fmt::format("{} ({})", layout.name, fmt::join(layout.columns, ", ")));
    throw ConfigError(Position{path.string(), 1, 0},
                      fmt::format("has the columns of no known layout. Known, told by the "
                                  "columns in brackets: {}.",
                                  fmt::join(known, ", ")));
  }
  return {std::move(report)};
}

}  // namespace plimsoll
