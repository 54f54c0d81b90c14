#include "planner/tables/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/config/suggest.hpp"
#include "core/error.hpp"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

void check_names(std::span<const PublishedTable> tables, const std::vector<std::string>& only) {
  std::vector<std::string> known;
  for (const PublishedTable& table : tables) known.emplace_back(table.name);
  for (const std::string& name : only) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw ConfigError(Position{}, unknown_name("published table", name, known));
    }
  }
}

constexpr const char* kLine = "  {:<44} {:<26} {:>9} {:>9} {:>11} {:>10} {:>11} {:>11}  {}\n";

const char* verdict_of(const TableSlice& slice) {
  if (slice.reproduced()) return "reproduced";
  return slice.holds() ? "explained" : "DIFFERS";
}

std::string render_slice(const TableSlice& slice) {
  const char* unit = slice.relative ? " rel" : "";
  std::string text = fmt::format(
      kLine, slice.slice, slice.quantity, slice.compared, slice.equal,
      fmt::format("{:.3g}{}", slice.worst, unit), fmt::format("{:.3g}{}", slice.tolerance, unit),
      fmt::format("{:.6g}", slice.published), fmt::format("{:.6g}", slice.ours), verdict_of(slice));
  if (!slice.explanation.empty()) text += fmt::format("      {}\n", slice.explanation);
  return text;
}

nlohmann::json to_json(const TableSlice& slice) {
  return {{"slice", slice.slice},
          {"quantity", slice.quantity},
          {"compared", slice.compared},
          {"equal", slice.equal},
          {"worst", slice.worst},
          {"tolerance", slice.tolerance},
          {"relative", slice.relative},
          {"published_mean", slice.published},
          {"ours_mean", slice.ours},
          {"explanation", slice.explanation},
          {"least_share", slice.least_share},
          {"verdict", verdict_of(slice)}};
}

}  // namespace

bool TablesRun::holds() const {
  return std::all_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return std::all_of(entry.result.slices.begin(), entry.result.slices.end(),
                       [](const TableSlice& slice) { return slice.holds(); });
  });
}

TablesRun run_tables(std::span<const PublishedTable> tables, const fs::path& data,
                     const std::vector<std::string>& only, const TableContext& context,
                     const Clocks& clocks) {
  const Position at{data.string(), 0, 0};
  if (!is_folder(data)) throw ConfigError(at, "there is no such folder.");
  check_names(tables, only);
  TablesRun run;
  for (const PublishedTable& table : tables) {
    if (!only.empty() && std::find(only.begin(), only.end(), table.name) == only.end()) continue;
    if (!is_folder(data / table.folder)) {
      if (!only.empty()) {
        throw ConfigError(at,
                          fmt::format("{} needs the folder {} in it.", table.name, table.folder));
      }
      run.absent.emplace_back(table.name);
      continue;
    }
    const auto [cpu, wall] = clocks();
    TableResult result = table.run(data, context);
    const auto [cpu_end, wall_end] = clocks();
    run.entries.push_back({table.name, std::move(result), cpu_end - cpu, wall_end - wall});
  }
  if (run.entries.empty()) throw ConfigError(at, "it holds none of the published tables' folders.");
  return run;
}

std::string render_tables(const TablesRun& run) {
  std::string text;
  for (const TablesRun::Entry& entry : run.entries) {
    text += fmt::format("{}: {:.2f} CPU-s, {:.2f} s\n", entry.table, entry.cpu_s, entry.wall_s);
    text += fmt::format(kLine, "slice", "quantity", "compared", "equal", "worst", "tolerance",
                        "published", "ours", "");
    for (const TableSlice& slice : entry.result.slices) text += render_slice(slice);
    for (const std::string& note : entry.result.notes) text += fmt::format("  - {}\n", note);
    text += "\n";
  }
  for (const std::string& name : run.absent) text += fmt::format("{}: no data\n", name);
  return text;
}

std::string tables_json(const TablesRun& run) {
  nlohmann::json tables = nlohmann::json::array();
  for (const TablesRun::Entry& entry : run.entries) {
    nlohmann::json slices = nlohmann::json::array();
    for (const TableSlice& slice : entry.result.slices) slices.push_back(to_json(slice));
    tables.push_back({{"table", entry.table},
                      {"cpu_s", entry.cpu_s},
                      {"wall_s", entry.wall_s},
                      {"notes", entry.result.notes},
                      {"slices", std::move(slices)}});
  }
  const nlohmann::json all{
      {"tables", std::move(tables)}, {"absent", run.absent}, {"holds", run.holds()}};
  return all.dump(1) + "\n";
}

}  // namespace plimsoll
