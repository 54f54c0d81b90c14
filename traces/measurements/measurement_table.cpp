#include "traces/measurements/measurement_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/config/suggest.hpp"

namespace plimsoll {
namespace {

void split_commas(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] != ',') continue;
    fields.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
}

}  // namespace

MeasurementTable::MeasurementTable(const std::string& path, std::size_t longest_line)
    : lines_(path, longest_line) {
  std::string_view header;
  if (!lines_.next(header))
    throw ConfigError({path}, "is empty; measurements begin with a header.");
  header_ = header;
  split_commas(header_, names_);
}

bool MeasurementTable::has(std::string_view column) const {
  return std::find(names_.begin(), names_.end(), column) != names_.end();
}

std::size_t MeasurementTable::column(std::string_view name) const { return columns({name})[0]; }

std::vector<std::size_t> MeasurementTable::columns(
    const std::vector<std::string_view>& names) const {
  std::vector<std::size_t> places;
  std::vector<Fault> faults;
  for (const std::string_view name : names) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    places.push_back(static_cast<std::size_t>(found - names_.begin()));
    if (found != names_.end()) continue;
    const std::vector<std::string> known(names_.begin(), names_.end());
    Fault& fault = faults.emplace_back();
    fault.at = Position{path(), 1, 0};
    fault.message = unknown_name("column", name, known) + " It is required.";
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return places;
}

void MeasurementTable::split() {
  split_commas(line_, fields_);
  if (fields_.size() != names_.size())
    throw ConfigError(lines_.at(1), fmt::format("the row has {} fields; the header has {}.",
                                                fields_.size(), names_.size()));
}

double MeasurementTable::number(std::size_t column) const {
  const std::string_view field = fields_[column];
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc{} || end != field.data() + field.size() || !std::isfinite(value))
    refuse(column, "is not a finite number");
  return value;
}

double MeasurementTable::positive(std::size_t column, double most) const {
  const double value = number(column);
  if (!(value > 0)) refuse(column, "is not above 0");
  if (value > most)
    refuse(column, fmt::format("is above {:g}, which no kernel reaches in this unit", most));
  return value;
}

double MeasurementTable::not_negative(std::size_t column) const {
  const double value = number(column);
  if (value < 0) refuse(column, "is below 0");
  return value;
}

double MeasurementTable::whole(std::size_t column, double least) const {
  const double value = number(column);
  if (value != std::floor(value) || value < least)
    refuse(column, fmt::format("is no whole number from {:g}", least));
  return value;
}

void MeasurementTable::refuse(std::size_t column, std::string_view why) const {
  const auto at = static_cast<std::size_t>(fields_[column].data() - line_.data()) + 1;
  throw ConfigError(lines_.at(at), fmt::format("{} = \"{}\" {}.", names_[column],
                                               fields_[column].substr(0, 60), why));
}

}  // namespace plimsoll
