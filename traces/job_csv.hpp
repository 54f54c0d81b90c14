// Plimsoll's own format of job traces, as CSV, plain or zstd: what a person writes by hand, and what we write.
//
// name,submit_s,gpus,duration_s and, if wanted, any of queue, user, priority, gpu_milli (thousandths of the one GPU
// that is asked for), cpu_milli and memory_mib (of the whole job). The columns may come in any order; others are
// refused.
#pragma once

#include <string>
#include <vector>

#include "traces/job_traces.hpp"

namespace plimsoll {

/// Jobs in the order of rows, which need not be that of time. A job may ask for no GPU. Throws ConfigError, with file,
/// line and column, for up to ten rows that are wrong: also for a name that is empty or comes again.
std::vector<RecordedJob> read_csv_jobs(const std::string& path);

/// Writes the optional columns that some job needs, times to the nanosecond, memory in whole MiB (rounded up);
/// compressed for a name in .zst. Names, queues and users hold no comma and no line break. The file appears under its
/// name whole or not at all; throws IoError.
void write_csv_jobs(const std::vector<RecordedJob>& jobs, const std::string& path);

}  // namespace plimsoll
