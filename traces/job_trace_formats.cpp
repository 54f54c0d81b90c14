#include "traces/job_trace_formats.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/assert.hpp"
#include "core/config/suggest.hpp"

void plimsoll_register_builtin_job_trace_formats(plimsoll::JobTraceFormats& formats);

namespace plimsoll {

void JobTraceFormats::add(JobTraceFormat format) {
  const std::string name = format.name;
  const bool is_new = formats_.emplace(name, std::move(format)).second;
  PLIMSOLL_ASSERT(is_new, "job trace format \"{}\" is registered twice", name);
}

const JobTraceFormat* JobTraceFormats::find(std::string_view name) const {
  const auto found = formats_.find(name);
  return found == formats_.end() ? nullptr : &found->second;
}

std::vector<std::string> JobTraceFormats::names() const {
  std::vector<std::string> names;
  for (const auto& [name, format] : formats_) names.push_back(name);
  return names;
}

JobTraceFormats builtin_job_trace_formats() {
  JobTraceFormats formats;
  plimsoll_register_builtin_job_trace_formats(formats);
  return formats;
}

std::vector<JobSpec> read_job_trace(const TraceSource& source, const JobTraceContext& context,
                                    const Position& at) {
  PLIMSOLL_ASSERT(context.gpus_per_node > 0, "{} GPUs per node", context.gpus_per_node);
  const JobTraceFormats formats = builtin_job_trace_formats();
  const JobTraceFormat* const format = formats.find(source.format);
  if (format == nullptr)
    throw ConfigError(at, unknown_name("job trace format", source.format, formats.names()));
  if (format->needs_profiles() && context.profiles.empty())
    throw ConfigError(at, fmt::format("jobs of the format {} need `profiles`: {}.", format->name,
                                      format->profiles));
  if (!format->needs_profiles() && !context.profiles.empty())
    throw ConfigError(at, fmt::format("profiles = \"{}\": jobs of the format {} need none.",
                                      context.profiles.string(), format->name));
  return format->read(source.path, context);
}

}  // namespace plimsoll
