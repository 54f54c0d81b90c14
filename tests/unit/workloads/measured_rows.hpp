// Rows of measurements that others published, as CSV (plain or zstd) with a header line.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/text_lines.hpp"

namespace plimsoll {

using MeasuredRow = std::map<std::string, std::string, std::less<>>;

inline double number(const MeasuredRow& row, std::string_view column) {
  return std::strtod(row.find(column)->second.c_str(), nullptr);
}
inline const std::string& text(const MeasuredRow& row, std::string_view column) {
  return row.find(column)->second;
}

inline std::vector<std::string> comma_separated(std::string_view line) {
  std::vector<std::string> fields{""};
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// The rows of a file below $PLIMSOLL_DATA; without the variable or the file, says so and returns nothing.
inline std::optional<std::vector<MeasuredRow>> measured_rows(const std::string& file) {
  const char* data = std::getenv("PLIMSOLL_DATA");
  if (data == nullptr) {
    std::cout << "skipped: PLIMSOLL_DATA is not set, so " << file << " cannot be compared with\n";
    return std::nullopt;
  }
  const std::filesystem::path path = std::filesystem::path(data) / file;
  if (!std::filesystem::exists(path)) {
    std::cout << "skipped: there is no " << path << "\n";
    return std::nullopt;
  }
  TextLines lines(path.string());
  std::string_view line;
  lines.next(line);
  const std::vector<std::string> columns = comma_separated(line);
  std::vector<MeasuredRow> rows;
  while (lines.next(line)) {
    const std::vector<std::string> fields = comma_separated(line);
    MeasuredRow row;
    for (std::size_t i = 0; i < columns.size() && i < fields.size(); ++i)
      row[columns[i]] = fields[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace plimsoll
