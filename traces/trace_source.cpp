#include "traces/trace_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/config/suggest.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll {
namespace {

TraceFormat format_named(const std::string& name, const Position& at) {
  const TraceFormats formats = builtin_trace_formats();
  const TraceFormat* const format = formats.find(name);
  if (format == nullptr) throw ConfigError(at, unknown_name("trace format", name, formats.names()));
  return *format;
}

}  // namespace

TraceSource parse_trace_argument(std::string_view text, const Position& at) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    throw ConfigError(
        at, fmt::format("\"{}\" is not FORMAT:PATH, such as azure:trace.csv.zst. Formats: {}.",
                        text, fmt::join(builtin_trace_formats().names(), ", ")));
  }
  const std::string format{text.substr(0, colon)};
  return {format_named(format, at).name, std::string(text.substr(colon + 1))};
}

std::unique_ptr<TraceReader> open_trace(const TraceSource& source, const Position& at) {
  return format_named(source.format, at).open(source.path);
}

Trace read_trace(const TraceSource& source, const Position& at) {
  const auto reader = open_trace(source, at);
  Trace trace;
  std::vector<Arrival> block;
  for (reader->next(block); !block.empty(); reader->next(block)) {
    trace.arrivals.insert(trace.arrivals.end(), block.begin(), block.end());
  }
  trace.prefixes = reader->take_prefixes();
  return trace;
}

std::vector<Arrival> load_trace(const TraceSource& source, const Position& at) {
  return read_trace(source, at).arrivals;
}

}  // namespace plimsoll
