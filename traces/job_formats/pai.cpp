// The thousand-job sample of Alibaba's PAI trace: see read_pai_jobs in traces/job_traces.hpp.
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return job_specs(read_pai_jobs(path), context.gpus_per_node, context.layout, context.allowed);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(
    pai, plimsoll::read_jobs,
    "Alibaba's PAI trace as its thousand-job sample is: arrival_time, length, cpus (workers of one "
    "GPU).",
    "",
    "Derived from the Alibaba PAI GPU trace 2020 (github.com/alibaba/clusterdata), as sampled by "
    "GAIA (github.com/umassos/GAIA).")
