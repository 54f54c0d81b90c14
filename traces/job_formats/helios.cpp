// Jobs of the Helios simulator: see read_helios_jobs in traces/job_traces.hpp.
#include "traces/job_trace_formats.hpp"

namespace plimsoll {
namespace {

std::vector<JobSpec> read_jobs(const std::string& path, const JobTraceContext& context) {
  return job_specs(read_helios_jobs(path), context.gpus_per_node, context.layout, context.allowed);
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(helios, plimsoll::read_jobs,
                          "Jobs as the simulator of Helios keeps them: job_id, vc, gpu_num, "
                          "submit_time, duration; seconds.",
                          "",
                          "Derived from Helios traces, S-Lab, Nanyang Technological University "
                          "(github.com/S-Lab-System-Group/HeliosData), CC-BY-4.0.")
