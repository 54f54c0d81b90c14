// Workloads of the Pollux artifact and of Sia, whose jobs take any number of GPUs and adapt their batch to it.
#include "traces/job_trace_formats.hpp"
#include "traces/profiled_jobs.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return read_profiled_jobs(JobFreedom::gpus_and_batch, path, context);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(
    pollux, plimsoll::read_jobs,
    "Workloads of the Pollux artifact and of Sia: elastic jobs that adapt their batch.",
    "the folder of profiled applications of the Pollux artifact",
    "Derived from the artifact of Pollux (github.com/petuum/adaptdl, branch osdi21-artifact), "
    "Apache-2.0.")
