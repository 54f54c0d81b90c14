// What the terminal's blocks are put together from: metrics and names as text, and lines that end below 100 columns.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "results/summary.hpp"

namespace plimsoll::report {

using Text = std::back_insert_iterator<std::string>;

/// A metric as text, or what stands in its place.
template <class Format>
std::string text_of(const SummarySection& section, std::string_view key, Format format) {
  const Metric& metric = section.at(key);
  return metric.value ? format(*metric.value) : "n/a";
}

inline const double* pointer(const std::optional<double>& value) {
  return value ? &*value : nullptr;
}

/// Names come from the user's file: control characters would reach the terminal.
std::string printable(std::string_view name);

/// `text`, broken at spaces so that no line is longer than 99 columns; lines after the first are indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent);

}  // namespace plimsoll::report
