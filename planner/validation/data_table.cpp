#include "planner/validation/data_table.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/config/suggest.hpp"
#include "traces/text_lines.hpp"

namespace plimsoll {

DataTable::DataTable(const std::filesystem::path& file,
                     const std::vector<std::string_view>& columns)
    : file_(file.string()) {
  TextLines lines(file_);
  std::string_view line;
  if (!lines.next(line)) throw ConfigError(Position{file_, 0, 0}, "the file is empty.");
  read_header(line, columns);
  while (lines.next(line)) {
    const Position at = lines.at(1);
    fields_.push_back(split(line, at));
    lines_.push_back(at.line);
    if (fields_.back().size() != columns_.size())
      throw ConfigError(at, fmt::format("{} fields, but the header names {} columns.",
                                        fields_.back().size(), columns_.size()));
  }
  if (lines_.empty()) throw ConfigError(Position{file_, 0, 0}, "there is no row below the header.");
}

void DataTable::read_header(std::string_view line, const std::vector<std::string_view>& columns) {
  const std::vector<std::string> names = split(line, Position{file_, 1, 0});
  const Position header{file_, 1, 0};
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!columns_.emplace(names[i], i).second)
      faults.push_back({header, fmt::format("column \"{}\" stands twice.", names[i])});
  }
  for (const std::string_view wanted : columns) {
    if (!columns_.contains(wanted))
      faults.push_back({header, unknown_name("column", std::string(wanted), names)});
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
}

std::vector<std::string> DataTable::split(std::string_view line, const Position& at) const {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool doubled = quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"';
    if (doubled) ++i;
    if (c == '"' && !doubled) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted) throw ConfigError(at, "a quote is opened and not closed on this line.");
  return fields;
}

std::size_t DataTable::index_of(std::string_view column) const {
  const auto found = columns_.find(column);
  if (found == columns_.end())
    throw ConfigError(Position{file_, 1, 0}, fmt::format("there is no column \"{}\".", column));
  return found->second;
}

const std::string& DataTable::text(std::size_t row, std::string_view column) const {
  return fields_[row][index_of(column)];
}

double DataTable::number(std::size_t row, std::string_view column) const {
  const std::string& field = text(row, column);
  char* end = nullptr;
  const double value = std::strtod(field.c_str(), &end);
  if (field.empty() || *end != '\0' || !std::isfinite(value))
    refuse(row, column, "is not a finite number.");
  return value;
}

double DataTable::positive(std::size_t row, std::string_view column) const {
  const double value = number(row, column);
  if (value <= 0) refuse(row, column, "is not above 0.");
  return value;
}

std::int32_t DataTable::count(std::size_t row, std::string_view column) const {
  const double value = number(row, column);
  if (value < 1 || value > 1e9 || value != std::floor(value))
    refuse(row, column, "is not a whole number from 1 to 1000000000.");
  return static_cast<std::int32_t>(value);
}

std::string DataTable::place(std::size_t row) const {
  return fmt::format("{}:{}", std::filesystem::path(file_).filename().string(), lines_[row]);
}

void DataTable::refuse(std::size_t row, std::string_view column, std::string_view why) const {
  throw ConfigError(Position{file_, lines_[row], 0},
                    fmt::format("{} = \"{}\" {}", column, text(row, column), why));
}

}  // namespace plimsoll
