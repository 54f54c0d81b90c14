// Traces kept as comma-separated rows under a fixed header: what all such formats check alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "traces/text_lines.hpp"
#include "traces/trace_reader.hpp"

namespace plimsoll {

/// The longest prompt or answer that a trace may state; the sum of two fits in 32 bits.
inline constexpr std::int64_t kMostTokens = 1'000'000'000;

class CsvFile {
 public:
  /// Opens the file and checks that its first line is `columns`, joined by commas.
  CsvFile(const std::string& path, std::vector<std::string_view> columns);

  /// Replaces `block` by the next rows, each turned into an Arrival by `parse()`, which asks `field` and `tokens` of
  /// this file. Checks that times do not decrease and that there is a row at all. Reports all faults of a block, up to
  /// ten, in one ConfigError.
  template <class Parse>
  void next(std::vector<Arrival>& block, Parse&& parse) {
    block.clear();
    std::vector<Fault> faults;
    while (block.size() < kArrivalBlock && faults.size() < kMostFaults && lines_.next(line_)) {
      try {
        split();
        block.push_back(parse());
        check_order(block.back().at);
      } catch (const ConfigError& error) {
        faults.push_back(error.faults().front());
      }
    }
    finish(block, faults);
  }

  /// Of the current row.
  std::string_view field(std::size_t column) const { return fields_[column]; }
  /// A whole number from 1 to kMostTokens.
  std::int32_t tokens(std::size_t column) const;
  /// Throws the ConfigError of a field: "file:line:column: ContextTokens = "abc" <why>".
  [[noreturn]] void refuse(std::size_t column, std::string_view why) const;

 private:
  static constexpr std::size_t kMostFaults = 10;
  void split();
  void check_header();
  void check_order(SimTime at);
  void finish(const std::vector<Arrival>& block, std::vector<Fault>& faults);
  Position position(std::size_t column) const;

  std::vector<std::string_view> columns_;
  TextLines lines_;
  std::string_view line_;
  std::vector<std::string_view>
      fields_;  ///< of the current row; kept, so that rows allocate nothing
  SimTime last_{};
  bool any_row_ = false;
};

}  // namespace plimsoll
