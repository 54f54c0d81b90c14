#include "traces/csv_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <utility>

namespace plimsoll {
namespace {

/// Text of a file as an error shows it: quoted, cut at 60 bytes, bytes that do not print as \xNN.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string shown = "\"";
  for (const char c : text.substr(0, kMost)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      shown += c;
    } else {
      shown += fmt::format("\\x{:02X}", byte);
    }
  }
  return shown + (text.size() > kMost ? "...\"" : "\"");
}

}  // namespace

CsvFile::CsvFile(const std::string& path, std::vector<std::string_view> columns)
    : columns_(std::move(columns)), lines_(path) {
  fields_.reserve(columns_.size());
  check_header();
}

void CsvFile::check_header() {
  const std::string expected = fmt::format("{}", fmt::join(columns_, ","));
  if (!lines_.next(line_)) {
    throw ConfigError({lines_.path()},
                      fmt::format("is empty; its first line must be \"{}\".", expected));
  }
  if (line_ != expected) {
    throw ConfigError(lines_.at(1), fmt::format("the header is {}; this format needs \"{}\".",
                                                quoted(line_), expected));
  }
}

void CsvFile::split() {
  fields_.clear();
  std::size_t begin = 0;
  std::size_t commas = 0;
  for (std::size_t i = 0; i <= line_.size(); ++i) {
    if (i < line_.size() && line_[i] != ',') continue;
    if (commas < columns_.size()) fields_.push_back(line_.substr(begin, i - begin));
    begin = i + 1;
    ++commas;
  }
  if (commas == columns_.size()) return;
  throw ConfigError(lines_.at(1), fmt::format("the row has {} field{}; it needs {}: {}.", commas,
                                              commas == 1 ? "" : "s", columns_.size(),
                                              fmt::join(columns_, ", ")));
}

Position CsvFile::position(std::size_t column) const {
  return lines_.at(static_cast<std::size_t>(fields_[column].data() - line_.data()) + 1);
}

void CsvFile::refuse(std::size_t column, std::string_view why) const {
  throw ConfigError(position(column),
                    fmt::format("{} = {} {}", columns_[column], quoted(fields_[column]), why));
}

std::int32_t CsvFile::tokens(std::size_t column) const {
  const std::string_view text = fields_[column];
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = end == text.data() + text.size() && error != std::errc::invalid_argument;
  if (!is_whole) refuse(column, fmt::format("is not a whole number from 1 to {}.", kMostTokens));
  if (error != std::errc{} || value < 1 || value > kMostTokens) {
    refuse(column, fmt::format("is outside [1, {}].", kMostTokens));
  }
  return static_cast<std::int32_t>(value);
}

void CsvFile::check_order(SimTime at) {
  if (at < last_) {
    refuse(0, fmt::format("is {:.9f} s before the row above; sort the rows by time.",
                          to_seconds(last_ - at)));
  }
  last_ = at;
}

void CsvFile::finish(const std::vector<Arrival>& block, std::vector<Fault>& faults) {
  any_row_ = any_row_ || !block.empty();
  if (faults.empty() && !any_row_) {
    throw ConfigError({lines_.path()},
                      "has a header but no row; a trace needs at least one request.");
  }
  if (faults.empty()) return;
  if (faults.size() == kMostFaults) {
    std::string message = fmt::format("not read further after {} faults.", kMostFaults);
    faults.push_back({{lines_.path()}, std::move(message)});
  }
  throw ConfigError(std::move(faults));
}

}  // namespace plimsoll
