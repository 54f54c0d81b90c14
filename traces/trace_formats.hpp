// The trace formats that this build knows, by name: one file of traces/formats/ each.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traces/trace_reader.hpp"

namespace plimsoll {

struct TraceFormat {
  std::string name;  ///< the file's name
  std::string doc;   ///< one sentence for `--help`
  std::string
      attribution;  ///< whose data come in it and what their licence asks to be said; may be empty
  std::function<std::unique_ptr<TraceReader>(const std::string& path)> open;
};

class TraceFormats {
 public:
  void add(TraceFormat format);
  /// nullptr when there is none of that name.
  const TraceFormat* find(std::string_view name) const;
  /// Sorted by name.
  std::vector<std::string> names() const;

 private:
  std::map<std::string, TraceFormat, std::less<>> formats_;
};

/// All formats of traces/formats/, from the table that the build writes.
TraceFormats builtin_trace_formats();

}  // namespace plimsoll

/// Ends the file of a trace format: PLIMSOLL_TRACE_FORMAT(azure, AzureReader, "one sentence", "attribution").
/// `Class` has a constructor from `const std::string& path`. The symbol carries the file's name, so a forgotten or
/// misspelt line is a link error that says which.
#define PLIMSOLL_TRACE_FORMAT(file_name, Class, doc, attribution)                                \
  void plimsoll_register_trace_format_##file_name(plimsoll::TraceFormats& formats);              \
  void plimsoll_register_trace_format_##file_name(plimsoll::TraceFormats& formats) {             \
    formats.add({#file_name, doc, attribution, [](const std::string& path) {                     \
                   return std::unique_ptr<plimsoll::TraceReader>(std::make_unique<Class>(path)); \
                 }});                                                                            \
  }
