#include "hardware/topology/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace plimsoll {

XmlText::XmlText(std::string text, std::string source)
    : text_(std::move(text)), source_(std::move(source)), lines_{0} {
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') lines_.push_back(i + 1);
  const pugi::xml_parse_result result = document_.load_buffer(text_.data(), text_.size());
  if (!result)
    throw ConfigError(at_offset(result.offset),
                      fmt::format("this is no XML: {}.", result.description()));
}

Position XmlText::at_offset(std::ptrdiff_t offset) const {
  const auto place = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, offset));
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), place);
  const auto line = static_cast<int>(next - lines_.begin());
  return {source_, line, static_cast<int>(place - *(next - 1)) + 1};
}

Position XmlText::at(pugi::xml_node node) const { return at_offset(node.offset_debug()); }

std::string_view attribute(pugi::xml_node node, const char* name) {
  return node.attribute(name).value();
}

std::optional<double> number_attribute(pugi::xml_node node, const char* name,
                                       const std::vector<std::string_view>& units,
                                       const Position& at, std::vector<Fault>& faults) {
  const std::string_view text = attribute(node, name);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
  const bool known =
      units.empty() ? unit.empty() : std::find(units.begin(), units.end(), unit) != units.end();
  if (error == std::errc{} && known && std::isfinite(value) && value >= 0) return value;
  faults.push_back(
      {at, fmt::format("<{}> has {}=\"{}\", which is no number{}{}.", node.name(), name, text,
                       units.empty() ? "" : " with a unit of:", fmt::join(units, ","))});
  return {};
}

}  // namespace plimsoll
