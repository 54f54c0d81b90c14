// What all tables of aiconfigurator begin with: latency in ms; the folder's system, backend and version first. A later
// column of the same name is the file's own and may differ: the first one counts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "traces/measurements/layout.hpp"

namespace plimsoll {

class KernelTable {
 public:
  explicit KernelTable(const LayoutReading& reading)
      : reading_(reading),
        head_(reading.table.columns({"system", "backend", "version", "latency"})),
        kernel_(reading.table.has("kernel_source") ? reading.table.column("kernel_source")
                                                   : kNoKernel) {}

  /// Whether the row is of the wanted GPU; others are counted.
  bool wanted() {
    if (reading_.wanted(reading_.table.text(head_[0]))) return true;
    ++reading_.report.other_systems;
    return false;
  }
  /// Counts a row that no law is for.
  void leave() { ++reading_.report.other_kinds; }
  void take() { ++reading_.report.taken; }
  double us() const { return reading_.table.positive(head_[3], kMostMilliseconds) * 1e3; }

  std::int32_t set() {
    std::string key;
    for (const std::size_t column : {head_[1], head_[2], kernel_})
      if (column != kNoKernel) key.append(reading_.table.text(column)).push_back(',');
    const auto [place, added] = sets_.try_emplace(std::move(key), 0);
    if (added)
      place->second =
          reading_.set(std::string(reading_.table.text(head_[1])) + " " +
                           std::string(reading_.table.text(head_[2])),
                       kernel_ == kNoKernel ? "" : std::string(reading_.table.text(kernel_)));
    return place->second;
  }

 private:
  static constexpr double kMostMilliseconds = 1e5;
  static constexpr std::size_t kNoKernel = static_cast<std::size_t>(-1);
  const LayoutReading& reading_;
  std::vector<std::size_t> head_;
  std::size_t kernel_;
  std::map<std::string, std::int32_t> sets_;
};

}  // namespace plimsoll
