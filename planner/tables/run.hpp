// All published tables that a data folder holds, reproduced, and what that looks like to people and programs.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "planner/tables/published_table.hpp"

namespace plimsoll {

struct TablesRun {
  struct Entry {
    std::string table;
    TableResult result;
    double cpu_s = 0;
    double wall_s = 0;
  };
  std::vector<Entry> entries;
  std::vector<std::string> absent;  ///< tables whose folder is not there

  bool holds() const;
};

/// (CPU seconds of the process, wall seconds), both from any origin.
using Clocks = std::function<std::pair<double, double>()>;

/// Reproduces the named tables of `tables`; those whose folder is absent are listed as such. `only`: names; empty: all.
/// Throws ConfigError: a data folder that does not exist or holds none of them, an unknown name, a table asked for by
/// name without its folder, and whatever is wrong with the data.
TablesRun run_tables(std::span<const PublishedTable> tables, const std::filesystem::path& data,
                     const std::vector<std::string>& only, const TableContext& context,
                     const Clocks& clocks);

/// Per table: slices with the values compared and equal, the largest difference, and the time. Below 150 columns.
std::string render_tables(const TablesRun& run);

/// The same as JSON: {"tables": [{"table", "cpu_s", "wall_s", "notes", "slices"}], "absent", "holds"}.
std::string tables_json(const TablesRun& run);

}  // namespace plimsoll
