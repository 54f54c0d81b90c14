// Plimsoll's own format of job traces: see traces/job_csv.hpp.
#include "traces/job_csv.hpp"
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return job_specs(read_csv_jobs(path), context.gpus_per_node, context.layout, context.allowed);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(csv, plimsoll::read_jobs,
                          "Plimsoll's own: name, submit_s, gpus, duration_s, and if wanted queue, "
                          "user, priority, gpu_milli, cpu_milli, memory_mib.",
                          "", "")
