// All experiments of the FGD study that a data folder holds rows of, run again.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "planner/tables/fgd_curves.hpp"
#include "planner/tables/fgd_rows.hpp"
#include "planner/tables/published_table.hpp"

namespace plimsoll {

/// A quantity that the study published.
struct FgdQuantity {
  const char* name;
  const char* file;
  LoadCurve FgdCurves::* curve;
  double tolerance;
  bool relative;
};
const std::array<FgdQuantity, 3>& fgd_quantities();

/// (workload, name of the study's policy, seed)
using FgdKey = std::tuple<std::string, std::string, std::uint64_t>;

struct FgdStudy {
  /// By quantity; none where the file is absent.
  std::array<std::map<FgdKey, LoadCurve>, 3> published;
  std::map<FgdKey, FgdCurves> ours;  ///< of every published row that could be run
  std::vector<std::string> notes;    ///< files that are absent, rows left out, with counts
};

/// Throws ConfigError for whatever is wrong with the files. The same for any number of threads.
FgdStudy run_fgd_study(const std::filesystem::path& folder, const TableContext& context);

/// The file of a set, plain or with .zst, or nothing.
std::optional<std::string> table_file(const std::filesystem::path& folder, const std::string& name);

}  // namespace plimsoll
