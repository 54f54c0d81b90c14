// Published results of cluster schedulers, reproduced row by row: what a table is, and how a reproduction is judged.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace plimsoll {

/// One slice of a published table (one policy on one workload, say) beside its reproduction.
struct TableSlice {
  std::string slice;         ///< e.g. "FGD openb_pod_list_default"
  std::string quantity;      ///< what is compared, with its unit: "frag_ratio, %"
  std::size_t compared = 0;  ///< values
  std::size_t equal = 0;     ///< of them, within `tolerance`
  double worst = 0;          ///< largest |ours - published|, in the quantity's unit or relative
  double tolerance = 0;
  bool relative = false;
  double published = 0;  ///< a typical value, for people: the mean over the compared
  double ours = 0;
  /// Where values differ and it is known why: one sentence, and the share that must be equal all the same.
  std::string explanation;
  double least_share = 1.0;

  bool reproduced() const { return equal == compared; }
  /// Whether it is as good as it ever was: what CI holds on to.
  bool holds() const {
    return static_cast<double>(equal) >= least_share * static_cast<double>(compared);
  }
};

/// What running one table gave.
struct TableResult {
  std::vector<TableSlice> slices;
  std::vector<std::string> notes;  ///< rows left out, with counts
};

struct TableContext {
  std::size_t threads = 1;
};

/// A set reads `data / folder`. Same data, same slices in the same order, for any number of threads.
struct PublishedTable {
  const char* name;
  const char* folder;  ///< that `data` must hold for the table to be tried
  TableResult (*run)(const std::filesystem::path& data, const TableContext& context);
};

/// All tables, in the order in which they are reported.
std::span<const PublishedTable> published_tables();

using ReproductionOf = TableResult(const std::filesystem::path& data, const TableContext& context);
ReproductionOf reproduce_fgd_openb;
ReproductionOf reproduce_pollux_artifact;
ReproductionOf reproduce_helios;
ReproductionOf reproduce_tiresias;
ReproductionOf reproduce_gavel;

}  // namespace plimsoll
