// Workloads of the Pollux artifact and of Sia, whose jobs run on the GPUs and at the batch that their user asked for.
#include "traces/job_trace_formats.hpp"
#include "traces/profiled_jobs.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return read_profiled_jobs(JobFreedom::none, path, context);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(
    pollux_rigid, plimsoll::read_jobs,
    "The same workloads: the GPUs and the batch that the user asked for, as Tiresias has them.",
    "the folder of profiled applications of the Pollux artifact",
    "Derived from the artifact of Pollux (github.com/petuum/adaptdl, branch osdi21-artifact), "
    "Apache-2.0.")
