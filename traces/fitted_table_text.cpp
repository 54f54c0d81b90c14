#include "traces/fitted_table_text.hpp"

#include <fmt/format.h>

#include <utility>

#include "traces/csv_file.hpp"

namespace plimsoll {

void FieldType<QuantileKnot>::read(const FieldPlace& place, const ConfigNode& node,
                                   const FieldRule<Unordered>&, QuantileKnot& out) {
  if (!place.expect(node, ConfigNode::Kind::sequence)) return;
  if (node.items.size() != 2) return place.wrong(node, "is not a pair [value, share]");
  FieldType<std::int32_t>::read(place.item(0), node.items[0],
                                {.min = 0, .max = static_cast<std::int32_t>(kMostTokens)},
                                out.value);
  FieldType<double>::read(place.item(1), node.items[1], {.min = 0.0, .max = 1.0}, out.share);
}

namespace {

/// What is wrong with a knot, given the one before it; nothing when all is well.
std::string problem_of(const std::vector<QuantileKnot>& knots, std::size_t i,
                       std::string_view unit) {
  const QuantileKnot& knot = knots[i];
  if (i == 0 && knot.share != 0)
    return "the first knot must have share 0, one below the least value";
  if (i + 1 == knots.size() && knot.share != 1) return "the last knot must have share 1";
  if (i == 0) return {};
  if (knot.value <= knots[i - 1].value) return fmt::format("{} {} do not rise", knot.value, unit);
  if (knot.share < knots[i - 1].share) return fmt::format("share {} falls", knot.share);
  return {};
}

}  // namespace

void check_knots(const ConfigNode* list, const std::string& path, std::string_view unit,
                 const std::vector<QuantileKnot>& knots, std::vector<Fault>& faults) {
  if (list == nullptr) return;
  if (knots.size() < 2 || knots.size() > kMostKnots) {
    faults.push_back({list->at, fmt::format("{} has {} knots; it needs 2 to {}.", path,
                                            knots.size(), kMostKnots)});
    return;
  }
  for (std::size_t i = 0; i < knots.size(); ++i) {
    const std::string problem = problem_of(knots, i, unit);
    if (!problem.empty()) {
      faults.push_back({list->items[i].at, fmt::format("{}[{}]: {}.", path, i, problem)});
    }
  }
}

FittedTable fitted_table(FittedTableText text) {
  return {QuantileTable(std::move(text.knots)), text.ks_distance, text.data_mean};
}

std::string table_text(const FittedTable& fitted, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string text;
  if (fitted.ks_distance) text += fmt::format("{}ks_distance: {}\n", margin, *fitted.ks_distance);
  if (fitted.data_mean) text += fmt::format("{}data_mean: {}\n", margin, *fitted.data_mean);
  text += margin + "knots:\n";
  for (const QuantileKnot& knot : fitted.table.knots())
    text += fmt::format("{}  - [{}, {}]\n", margin, knot.value, knot.share);
  return text;
}

}  // namespace plimsoll
