// A trace as the user names it, "format:path", and what to do with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "traces/trace_reader.hpp"

namespace plimsoll {

struct TraceSource {
  std::string format;  ///< a name of builtin_trace_formats()
  std::string path;
};

/// "azure:FILE" in its two parts; the path may hold colons. Throws ConfigError at `at`, naming the known formats.
TraceSource parse_trace_argument(std::string_view text, const Position& at);

/// Opens the file with the format's reader. An unknown format is a ConfigError at `at` (where the user named it).
std::unique_ptr<TraceReader> open_trace(const TraceSource& source, const Position& at);

/// All requests of a trace, and what their prefixes point into.
struct Trace {
  std::vector<Arrival> arrivals;
  std::shared_ptr<const PrefixBlocks> prefixes;  ///< shared with whoever serves them; null: none
};
Trace read_trace(const TraceSource& source, const Position& at);

/// All requests of a trace, for those who do not ask what they share.
std::vector<Arrival> load_trace(const TraceSource& source, const Position& at);

}  // namespace plimsoll
