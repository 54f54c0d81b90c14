#include "traces/trace_formats.hpp"

#include <utility>

#include "core/assert.hpp"

void plimsoll_register_builtin_trace_formats(plimsoll::TraceFormats& formats);

namespace plimsoll {

void TraceFormats::add(TraceFormat format) {
  const std::string name = format.name;
  const bool is_new = formats_.emplace(name, std::move(format)).second;
  PLIMSOLL_ASSERT(is_new, "trace format \"{}\" is registered twice", name);
}

const TraceFormat* TraceFormats::find(std::string_view name) const {
  const auto found = formats_.find(name);
  return found == formats_.end() ? nullptr : &found->second;
}

std::vector<std::string> TraceFormats::names() const {
  std::vector<std::string> names;
  for (const auto& [name, format] : formats_) names.push_back(name);
  return names;
}

TraceFormats builtin_trace_formats() {
  TraceFormats formats;
  plimsoll_register_builtin_trace_formats(formats);
  return formats;
}

}  // namespace plimsoll
