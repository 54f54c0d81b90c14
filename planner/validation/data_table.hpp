// A CSV file of measurements, plain or zstd, with columns found by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace plimsoll {

/// All rows, in memory. Fields may stand in double quotes. Every fault names file, line and column.
class DataTable {
 public:
  /// Throws ConfigError when the file cannot be read, lacks one of `columns` (all that are missing are named), holds no
  /// row, or a row has another number of fields than the header.
  DataTable(const std::filesystem::path& file, const std::vector<std::string_view>& columns);

  std::size_t rows() const { return lines_.size(); }
  const std::string& text(std::size_t row, std::string_view column) const;
  bool blank(std::size_t row, std::string_view column) const { return text(row, column).empty(); }
  /// A finite number. Throws ConfigError for anything else, a blank field included.
  double number(std::size_t row, std::string_view column) const;
  /// A number above 0, likewise.
  double positive(std::size_t row, std::string_view column) const;
  /// A whole number from 1 to 10^9, likewise.
  std::int32_t count(std::size_t row, std::string_view column) const;

  /// "<file>:<line>", for reports.
  std::string place(std::size_t row) const;
  [[noreturn]] void refuse(std::size_t row, std::string_view column, std::string_view why) const;

 private:
  std::size_t index_of(std::string_view column) const;
  void read_header(std::string_view line, const std::vector<std::string_view>& columns);
  std::vector<std::string> split(std::string_view line, const Position& at) const;

  std::string file_;
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::vector<int> lines_;  ///< of each row
  std::vector<std::vector<std::string>> fields_;
};

}  // namespace plimsoll
