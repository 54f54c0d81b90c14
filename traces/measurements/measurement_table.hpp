// A file of measurements: comma-separated rows under a header, plain or zstd, read by the columns' names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "traces/text_lines.hpp"

namespace plimsoll {

class MeasurementTable {
 public:
  /// Opens the file and reads its header. Throws ConfigError for an empty file.
  explicit MeasurementTable(const std::string& path,
                            std::size_t longest_line = TextLines::kLongestLine);

  const std::string& path() const { return lines_.path(); }
  bool has(std::string_view column) const;
  /// Of the columns, as the header lists them.
  const std::vector<std::string_view>& names() const { return names_; }
  /// The first column of the name: where a name comes twice, the first one is the folder's and counts. Throws
  /// ConfigError, naming the columns that there are.
  std::size_t column(std::string_view name) const;

  /// The columns of all `names`; one error for all that are missing.
  std::vector<std::size_t> columns(const std::vector<std::string_view>& names) const;

  /// Calls `parse()` for each row; it asks `text`, `positive` and `whole` of this table. Reports all faults, up to ten,
  /// in one ConfigError.
  template <class Parse>
  void each_row(Parse&& parse) {
    std::vector<Fault> faults;
    while (faults.size() < kMostFaults && lines_.next(line_)) {
      try {
        split();
        parse();
      } catch (const ConfigError& error) {
        faults.push_back(error.faults().front());
      }
    }
    if (!faults.empty()) throw ConfigError(std::move(faults));
  }

  /// Of the current row.
  std::string_view text(std::size_t column) const { return fields_[column]; }
  /// Of the current row.
  Position place() const { return lines_.at(1); }
  /// A finite number above 0 and up to `most`; a larger one is taken for a wrong unit.
  double positive(std::size_t column, double most = 1e12) const;
  /// A finite number from 0.
  double not_negative(std::size_t column) const;
  /// A whole number from `least`.
  double whole(std::size_t column, double least = 1) const;
  /// Throws the ConfigError of a field: "file:line:column: latency = "abc" <why>".
  [[noreturn]] void refuse(std::size_t column, std::string_view why) const;

 private:
  static constexpr std::size_t kMostFaults = 10;
  void split();
  double number(std::size_t column) const;

  TextLines lines_;
  std::string header_;
  std::vector<std::string_view> names_;
  std::string_view line_;
  std::vector<std::string_view> fields_;
};

}  // namespace plimsoll
