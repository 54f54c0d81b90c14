#include "workloads/step_time/grid_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "core/config/yaml_writer.hpp"

namespace plimsoll {
namespace {

constexpr double kMostLog = 30;
constexpr double kLogSteps = 1e3;
constexpr std::size_t kTextColumns = 80;  // of a text of factors
constexpr std::string_view kFactors = "log_factors";

void check_knots(const FieldPlace& place, const ConfigNode& list, const GridAxis& axis) {
  if (axis.knots.empty()) return place.wrong(list, "has no knots");
  double below = 0;
  for (std::size_t i = 0; i < axis.knots.size(); ++i) {
    if (!(axis.knots[i] > below))
      return place.item(i).wrong(list.items[i], fmt::format("is not above {:g}", below));
    below = axis.knots[i];
  }
}

/// To `digits` significant digits. Of a decimal text, so that reading and writing again changes
/// nothing.
double rounded(double value, int digits) {
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

/// Whole thousandths with one space between them.
void read_text(const FieldPlace& place, const ConfigNode& item, std::vector<double>& factors) {
  const char* next = item.text.data();
  const char* const end = next + item.text.size();
  while (next != end) {
    int steps = 0;
    const auto [stop, error] = std::from_chars(next, end, steps);
    if (error != std::errc{} || (stop != end && *stop != ' ') ||
        std::abs(steps) > kMostLog * kLogSteps)
      return place.wrong(item, fmt::format("has \"{}\", which is no whole number of thousandths "
                                           "from -{:g} to {:g} followed by one space",
                                           std::string(next, std::min(end, next + 12)),
                                           kMostLog * kLogSteps, kMostLog * kLogSteps));
    factors.push_back(steps / kLogSteps);
    next = stop == end ? end : stop + 1;
  }
}

void read_factors(const FieldPlace& place, const ConfigNode& list, std::vector<double>& factors) {
  const bool texts = list.is(ConfigNode::Kind::sequence) && !list.items.empty() &&
                     list.items[0].is(ConfigNode::Kind::scalar) && list.items[0].quoted;
  if (!texts) {
    FieldRule<double> rule;
    add_limits(rule, -kMostLog, kMostLog);
    return FieldType<std::vector<double>>::read(place, list, rule, factors);
  }
  for (std::size_t i = 0; i < list.items.size(); ++i)
    read_text(place.item(i), list.items[i], factors);
}

/// In texts, each about a line: a list of thousands of numbers would take a YAML reader tens of
/// milliseconds.
ConfigNode write_factors(const std::vector<double>& factors) {
  ConfigNode texts = ConfigNode::sequence();
  std::string text;
  for (const double log : factors) {
    const std::string number = fmt::format("{}", std::lround(log * kLogSteps));
    if (text.size() + number.size() + 1 > kTextColumns)
      texts.items.push_back(text_node(std::exchange(text, {})));
    if (!text.empty()) text += ' ';
    text += number;
  }
  texts.items.push_back(text_node(std::move(text)));
  return texts;
}

}  // namespace

void FieldType<FittedGrid>::read(const FieldPlace& place, const ConfigNode& node,
                                 const FieldRule<Unordered>&, FittedGrid& out) {
  out = {};
  if (!place.expect(node, ConfigNode::Kind::map)) return;
  const std::size_t faults = place.faults().size();
  for (const ConfigEntry& entry : node.entries) {
    const FieldPlace child = place.child(entry.key, "");
    if (entry.key == kFactors) {
      read_factors(child, entry.value, out.log_factors);
    } else {
      GridAxis& axis = out.axes.emplace_back(GridAxis{entry.key, {}});
      FieldType<std::vector<double>>::read(child, entry.value, {}, axis.knots);
      if (place.faults().size() == faults) check_knots(child, entry.value, axis);
    }
  }
  if (place.faults().size() != faults || out.log_factors.size() == out.size()) return;
  place.faults().push_back(
      {node.at, fmt::format("{} has {} log_factors for {} knots of its axes.", place.path(),
                            out.log_factors.size(), out.size())});
}

ConfigNode FieldType<FittedGrid>::write(const FittedGrid& grid) {
  constexpr int kKnotDigits = 5;
  ConfigNode node = ConfigNode::map();
  if (grid.axes.empty()) return node;
  for (const GridAxis& axis : grid.axes) {
    ConfigNode knots = ConfigNode::sequence();
    for (const double knot : axis.knots)
      knots.items.push_back(ConfigNode::scalar(scalar_text(rounded(knot, kKnotDigits))));
    node.add(axis.name, std::move(knots));
  }
  node.add(std::string(kFactors), write_factors(grid.log_factors));
  return node;
}

}  // namespace plimsoll
