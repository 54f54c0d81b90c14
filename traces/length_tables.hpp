// How long prompts and answers are: two quantile tables, fitted to a trace and kept as a YAML file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "traces/quantile_table.hpp"
#include "traces/trace_source.hpp"
#include "workloads/arrival_stream.hpp"

namespace plimsoll {

/// A table and how well it stands for the data that it was fitted to; a table written by hand may not say.
struct FittedTable {
  QuantileTable table;
  std::optional<double>
      ks_distance;  ///< largest difference of the two cumulative distributions, to 7 decimals
  std::optional<double> data_mean;  ///< of the data, to 3 decimals; table.mean() is the table's

  friend bool operator==(const FittedTable&, const FittedTable&) = default;
};

struct LengthTables {
  std::string source;         ///< what the numbers are from
  std::string attribution;    ///< what its licence asks to be said; may be empty
  std::string command;        ///< that fits the file again; may be empty
  std::int64_t requests = 0;  ///< in the data; 0: not stated
  FittedTable prompt_tokens;
  FittedTable output_tokens;

  friend bool operator==(const LengthTables&, const LengthTables&) = default;
};

/// Fits the two tables, each apart: at most 64 knots, every knot a point of the data's own distribution (shares to 7
/// decimals), chosen so that the largest error in units of sqrt(F (1 - F)), the standard error of a share, is the
/// least that 64 knots reach; so the tails are held as tightly as they deserve. `arrivals` is not empty; text fields
/// of the result are.
LengthTables fit_lengths(std::span<const Arrival> arrivals);

/// Loads a trace, fits it and says so in the text fields, as `plimsoll trace fit <source> --output <output>` does.
/// Errors are those of load_trace.
LengthTables fit_trace(const TraceSource& source, const Position& at, const std::string& output);

/// Throws ConfigError with all faults of the file.
LengthTables read_lengths(const std::string& path);
/// Throws IoError; the file appears whole or not at all.
void write_lengths(const LengthTables& tables, const std::string& path);

}  // namespace plimsoll
