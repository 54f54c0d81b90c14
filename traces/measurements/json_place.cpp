#include "traces/measurements/json_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "traces/byte_file.hpp"

namespace plimsoll {
namespace {

/// Numbers whole, other scalars and the beginnings of longer values: enough to find them again.
std::string shown(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

std::string names_of(std::initializer_list<const char*> names) {
  std::string text;
  for (const char* name : names) text += fmt::format("{}\"{}\"", text.empty() ? "" : " or ", name);
  return text;
}

}  // namespace

std::string read_text(const std::string& path) {
  ByteFile file(path);
  std::string text;
  std::vector<char> block(1 << 16);
  while (const std::size_t bytes = file.read(block)) text.append(block.data(), bytes);
  return text;
}

nlohmann::json parse_json(const std::string& text, const std::string& path) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(
                                        std::min(text.size(), error.byte > 0 ? error.byte - 1 : 0));
    const auto line = std::count(text.begin(), end, '\n') + 1;
    const auto start = std::find(std::make_reverse_iterator(end), text.rend(), '\n').base();
    throw ConfigError(
        Position{path, static_cast<int>(line), static_cast<int>(end - start) + 1},
        fmt::format("is no JSON here: \"{}\".",
                    std::string(end, end + std::min<std::ptrdiff_t>(12, text.end() - end))));
  }
}

JsonPlace::JsonPlace(const JsonPlace& parent, const nlohmann::json& value, const std::string& step)
    : value_(&value), file_(parent.file_), path_(parent.path_ + step) {}

void JsonPlace::refuse(const std::string& message) const {
  throw ConfigError(Position{file_}, path_.empty() ? message : path_ + ": " + message);
}

std::optional<JsonPlace> JsonPlace::find(std::initializer_list<const char*> names) const {
  if (!value_->is_object()) refuse(fmt::format("{} is no object.", shown(*value_)));
  for (const char* name : names) {
    const auto found = value_->find(name);
    if (found != value_->end() && !found->is_null())
      return JsonPlace(*this, *found, (path_.empty() ? "" : ".") + std::string(name));
  }
  return std::nullopt;
}

JsonPlace JsonPlace::at(std::initializer_list<const char*> names) const {
  if (const auto found = find(names)) return *found;
  refuse(fmt::format("has no {}.", names_of(names)));
}

JsonPlace JsonPlace::element(std::size_t index) const {
  array();
  if (index >= value_->size())
    refuse(fmt::format("has {} elements; number {} is missing.", value_->size(), index));
  return JsonPlace(*this, (*value_)[index], fmt::format("[{}]", index));
}

const JsonPlace& JsonPlace::array() const {
  if (!value_->is_array()) refuse(fmt::format("{} is no list.", shown(*value_)));
  return *this;
}

double JsonPlace::number(double least) const {
  double number = std::numeric_limits<double>::quiet_NaN();
  if (value_->is_number()) {
    number = value_->get<double>();
  } else if (value_->is_string()) {
    const auto& text = value_->get_ref<const std::string&>();
    char* end = nullptr;
    const double read = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == '\0') number = read;
  }
  if (!std::isfinite(number) || number < least)
    refuse(fmt::format("{} is no number of at least {}.", shown(*value_), least));
  return number;
}

std::int32_t JsonPlace::count(std::int32_t least) const {
  const double value = number(least);
  if (value != std::floor(value) || value > std::numeric_limits<std::int32_t>::max())
    refuse(fmt::format("{} is no whole number in [{}, 2^31).", shown(*value_), least));
  return static_cast<std::int32_t>(value);
}

std::string JsonPlace::text() const {
  if (!value_->is_string()) refuse(fmt::format("{} is no text.", shown(*value_)));
  return value_->get<std::string>();
}

}  // namespace plimsoll
