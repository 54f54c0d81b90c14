// The formats of job traces that this build knows, by name: one file of traces/job_formats/ each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "hardware/resource_request.hpp"
#include "traces/job_traces.hpp"
#include "traces/trace_source.hpp"
#include "workloads/job_spec.hpp"

namespace plimsoll {

/// What a reader must know of the cluster that the jobs are to run on.
struct JobTraceContext {
  std::int32_t gpus_per_node = 8;      ///< of the nodes that the jobs may run on; above 0
  std::vector<std::string> gpu_kinds;  ///< the cluster's, in its order: names of the GPU catalogue
  GpuKinds allowed = kAnyGpuKind;      ///< of these, the kinds that the jobs may run on
  GangLayout layout = GangLayout::consolidated;
  std::filesystem::path profiles;  ///< what JobTraceFormat::profiles says; empty: none given
};

struct JobTraceFormat {
  std::string name;      ///< the file's name
  std::string doc;       ///< one sentence for `--help`
  std::string profiles;  ///< the file or folder that it needs beside the trace; empty: nothing
  std::string
      attribution;  ///< whose data come in it and what their licence asks to be said; may be empty
  /// All jobs of a file, in the order of its rows. A job that can run nowhere is among them, so that the cluster may
  /// reject it with the reason: it accepts no kind of GPU, or, where nothing says how long it runs, has no model.
  /// Throws ConfigError, with file, line and column, for what is wrong.
  std::function<std::vector<JobSpec>(const std::string& path, const JobTraceContext& context)> read;

  bool needs_profiles() const { return !profiles.empty(); }
};

class JobTraceFormats {
 public:
  void add(JobTraceFormat format);
  /// nullptr when there is none of that name.
  const JobTraceFormat* find(std::string_view name) const;
  /// Sorted by name.
  std::vector<std::string> names() const;

 private:
  std::map<std::string, JobTraceFormat, std::less<>> formats_;
};

/// All formats of traces/job_formats/, from the table that the build writes.
JobTraceFormats builtin_job_trace_formats();

/// All jobs of a trace, in the order of its rows. An unknown format, and profiles that are missing or of no use, are
/// ConfigErrors at `at` (where the user named the trace).
std::vector<JobSpec> read_job_trace(const TraceSource& source, const JobTraceContext& context,
                                    const Position& at);

}  // namespace plimsoll

/// Ends the file of a job format: PLIMSOLL_JOB_TRACE_FORMAT(philly, read, "one sentence", "profiles", "attribution").
/// `read_jobs` is a function as JobTraceFormat::read. The symbol carries the file's name, so a forgotten or misspelt
/// line is a link error that says which.
#define PLIMSOLL_JOB_TRACE_FORMAT(file_name, read_jobs, doc, profiles, attribution)         \
  void plimsoll_register_job_trace_format_##file_name(plimsoll::JobTraceFormats& formats);  \
  void plimsoll_register_job_trace_format_##file_name(plimsoll::JobTraceFormats& formats) { \
    formats.add({#file_name, doc, profiles, attribution, read_jobs});                       \
  }
