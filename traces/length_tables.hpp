// How long prompts and answers are: two quantile tables, fitted to a trace and kept as a YAML file.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "traces/fitted_table.hpp"
#include "traces/trace_source.hpp"
#include "workloads/arrival_stream.hpp"

namespace plimsoll {

struct LengthTables {
  std::string source;         ///< what the numbers are from
  std::string attribution;    ///< what its licence asks to be said; may be empty
  std::string command;        ///< that fits the file again; may be empty
  std::int64_t requests = 0;  ///< in the data; 0: not stated
  FittedTable prompt_tokens;
  FittedTable output_tokens;

  friend bool operator==(const LengthTables&, const LengthTables&) = default;
};

/// Fits the two tables, each apart, as fit_table does. `arrivals` is not empty; text fields of the result are.
LengthTables fit_lengths(std::span<const Arrival> arrivals);

/// Loads a trace, fits it and says so in the text fields, as `plimsoll trace fit <source> --output <output>` does.
/// Errors are those of load_trace.
LengthTables fit_trace(const TraceSource& source, const Position& at, const std::string& output);

/// Throws ConfigError with all faults of the file.
LengthTables read_lengths(const std::string& path);
/// Throws IoError; the file appears whole or not at all.
void write_lengths(const LengthTables& tables, const std::string& path);

}  // namespace plimsoll
