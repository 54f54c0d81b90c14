// Jobs of the Tiresias simulator: see read_tiresias_jobs in traces/job_traces.hpp.
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return job_specs(read_tiresias_jobs(path), context.gpus_per_node, context.layout,
                   context.allowed);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(
    tiresias, plimsoll::read_jobs,
    "Jobs as the simulator of Tiresias keeps them: job_id, num_gpu, submit_time, duration; "
    "seconds.",
    "", "Derived from the workloads of Tiresias (github.com/SymbioticLab/Tiresias), Apache-2.0.")
