// A fitted table as it stands in a YAML file: {ks_distance, data_mean, knots: [[value, share], ...]}.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/fields.hpp"
#include "traces/fitted_table.hpp"

namespace plimsoll {

/// A knot in a file: [value, share].
template <>
struct FieldType<QuantileKnot> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   QuantileKnot& out);
};

struct FittedTableText {
  std::optional<double> ks_distance;
  std::optional<double> data_mean;
  std::vector<QuantileKnot> knots;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("ks_distance", &FittedTableText::ks_distance,
          "Largest difference between the table's and the data's cumulative distribution.", 0.0,
          1.0);
    visit("data_mean", &FittedTableText::data_mean, "Mean of the data.", at_least(0.0));
    visit("knots", &FittedTableText::knots, "Pairs [value, share of all with at most so much].",
          required);
  }
};

/// Faults of knots that were read without one from `list`, which stands at `path`: what QuantileTable demands. `unit`
/// is that of the values: "tokens". No list: its absence is a fault already.
void check_knots(const ConfigNode* list, const std::string& path, std::string_view unit,
                 const std::vector<QuantileKnot>& knots, std::vector<Fault>& faults);

/// Of a text whose knots are without fault.
FittedTable fitted_table(FittedTableText text);

/// The lines of a table, each behind `indent` spaces.
std::string table_text(const FittedTable& fitted, std::size_t indent);

}  // namespace plimsoll
