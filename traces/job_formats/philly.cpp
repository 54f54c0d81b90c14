// The Philly trace as Pollux's authors keep it: see read_philly_jobs in traces/job_traces.hpp.
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return job_specs(read_philly_jobs(path), context.gpus_per_node, context.layout, context.allowed);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(
    philly, plimsoll::read_jobs,
    "Microsoft's Philly trace as Pollux's authors keep it: timestamp, duration, num_gpus, cluster.",
    "",
    "Derived from the Philly traces, (c) Microsoft (github.com/msr-fiddle/philly-traces), "
    "CC-BY-4.0.")
