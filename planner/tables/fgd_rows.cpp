#include "planner/tables/fgd_rows.hpp"

#include <fmt/format.h>

#include <charconv>

#include "traces/measurements/measurement_table.hpp"

namespace plimsoll {

namespace {

constexpr std::size_t kLongestRow = std::size_t{4} << 20;  // one number per pod

std::uint64_t seed_of(const MeasurementTable& table, std::size_t column) {
  const double seed = table.whole(column, 0);
  if (seed > 1e15) table.refuse(column, "is no seed: 0 to 10^15");
  return static_cast<std::uint64_t>(seed);
}

/// Row numbers from 0, separated by single blanks.
std::vector<std::uint32_t> numbers(const MeasurementTable& table, std::size_t column) {
  std::vector<std::uint32_t> rows;
  const std::string_view text = table.text(column);
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {
    const auto [stop, error] = std::from_chars(at, end, rows.emplace_back());
    if (error != std::errc{} || (stop != end && *stop != ' ')) {
      table.refuse(column, "is no list of row numbers with blanks between them");
    }
    at = stop;
  }
  return rows;
}

}  // namespace

std::vector<FgdOrder> read_fgd_orders(const std::string& path) {
  MeasurementTable table(path, kLongestRow);
  const auto columns =
      table.columns({"workload", "seed", "num_pods", "pod_row_order", "node_name_prefix"});
  std::vector<FgdOrder> orders;
  table.each_row([&] {
    FgdOrder order{std::string(table.text(columns[0])), seed_of(table, columns[1]),
                   numbers(table, columns[3]), numbers(table, columns[4]), table.place()};
    if (static_cast<double>(order.pods.size()) != table.whole(columns[2], 0)) {
      table.refuse(columns[2], fmt::format("is not the number of rows in pod_row_order, {}",
                                           order.pods.size()));
    }
    orders.push_back(std::move(order));
  });
  return orders;
}

std::vector<FgdRow> read_fgd_rows(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"workload", "sc_policy", "seed"});
  std::vector<std::string> names;
  for (std::size_t point = 0; point < kLoadPoints; ++point) names.push_back(std::to_string(point));
  const auto points = table.columns({names.begin(), names.end()});
  std::vector<FgdRow> rows;
  table.each_row([&] {
    FgdRow& row = rows.emplace_back();
    row.workload = table.text(columns[0]);
    row.policy = table.text(columns[1]);
    row.seed = seed_of(table, columns[2]);
    for (std::size_t point = 0; point < kLoadPoints; ++point) {
      row.values[point] = table.not_negative(points[point]);
    }
  });
  return rows;
}

}  // namespace plimsoll
