// One layout of measurements: the columns that tell it, and how its rows are read.
#pragma once

#include <string_view>
#include <vector>

#include "traces/measurements/measurement_files.hpp"
#include "traces/measurements/measurement_table.hpp"

namespace plimsoll {

/// What a layout's reader works on.
struct LayoutReading {
  MeasurementTable& table;
  const MeasurementFilter& filter;
  Measurements& into;
  MeasurementReport& report;

  bool wanted(std::string_view system) const;
  /// The file's name, origin and the rest.
  std::int32_t set(std::string backend, std::string kernel) const;
};

struct Layout {
  std::string_view name;
  std::vector<std::string_view> columns;  ///< all of them: it is this layout
  std::vector<std::string_view> absent;   ///< none of them
  void (*read)(const LayoutReading& reading);
};

/// Tables of aiconfigurator, profiles of LLMServingSim, configurations of ML.ENERGY.
std::vector<Layout> kernel_layouts();
std::vector<Layout> collective_layouts();
std::vector<Layout> profile_layouts();
std::vector<Layout> power_layouts();

}  // namespace plimsoll
